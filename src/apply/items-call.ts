import type { Caller } from "../accounts/caller.ts";
import { AlgoError } from "../errors.ts";
import type { Events } from "../events.ts";
import type { Version } from "../registry/version.ts";
import { Call } from "../runners/call.ts";
import type { Runner } from "../runners/runner.ts";
import type { ItemOutcomes } from "../runners/slice.ts";
import { identityOf } from "./call-event.ts";
import { ItemRun } from "./item-run.ts";
import type { ItemsRequest } from "./items-request.ts";

const NOTHING = Buffer.alloc(0);
const OVER = new AlgoError("CLIENT_GONE", "it is over");
const NONE = Number.POSITIVE_INFINITY;

export interface ItemsCallOptions {
	version: Version;
	/** As whom the items run. */
	caller: Caller;
	/** How long a call of the version may take. */
	ownMs: number;
	/** Does not retire before the items have ended, unless nobody waits for them. */
	runner: Runner;
	/** Gives it for the next slice. @throws AlgoError NOT_FOUND: the version is gone */
	runnerOf(): Runner;
	events: Events;
	/** For the numbers. */
	onOutcomes(outcomes: ItemOutcomes): void;
	/** Once: the call that the items belong to is over. */
	onOver(call: Call): void;
}

/** Runs items that come one by one, as parts of a call without a body; what somebody waits for gets its log line as any call. */
export function runItems(
	request: ItemsRequest,
	options: ItemsCallOptions,
): ItemRun {
	const { isBackground, requestId, inputKind, parent } = request;
	const { version, caller, runner } = options;
	const { timeoutMs, itemTimeoutMs } = boundsOf(request, options.ownMs);
	if (!isBackground) runner.hold();
	const call: Call = new Call(
		{ requestId, caller, inputKind, wants: 0, body: NOTHING, parent },
		timeoutMs,
		(_, over) => {
			if (!isBackground) runner.unhold();
			options.onOver(over);
		},
	);
	call.join();
	const numbers = { runMs: 0, bytesIn: 0, bytesOut: 0 };
	return new ItemRun(call, options.runnerOf, {
		...request,
		concurrency: Math.min(
			request.concurrency ?? workersOf(version),
			runner.maxWorkers,
		),
		itemTimeoutMs,
		next(maxItems, maxBytes) {
			const cut = request.next(maxItems, maxBytes);
			numbers.bytesIn += cut?.bytes ?? 0;
			return cut;
		},
		onOutcomes(outcomes) {
			numbers.runMs += outcomes.runMs;
			numbers.bytesOut += outcomes.text.length;
			options.onOutcomes(outcomes);
			request.onOutcomes(outcomes);
		},
		onEnd(error) {
			if (!isBackground)
				options.events.emit("call", {
					...identityOf(version, call),
					outcome: error?.errorType ?? error?.code ?? "ok",
					...numbers,
				});
			call.finish({
				kind: "failed",
				error: error ?? OVER,
				runMs: 0,
			});
			request.onEnd(error);
		},
	});
}

/** Something bounds each item: its own time, that of the whole, or the version's. */
function boundsOf(
	request: ItemsRequest,
	ownMs: number,
): { timeoutMs: number; itemTimeoutMs: number } {
	const { timeoutMs = request.isBackground ? NONE : ownMs } = request;
	const { itemTimeoutMs = timeoutMs < NONE ? NONE : ownMs } = request;
	return { timeoutMs, itemTimeoutMs };
}

/** On how many workers its items run, if nobody says. */
const workersOf = ({ manifest }: Version): number =>
	manifest.fanOut === "serial" ? 1 : NONE;
