import { AlgoError } from "../errors.ts";
import { ListCutter } from "../items/list-cutter.ts";
import { InputKind } from "../protocol/frames.js";
import { Form } from "../protocol/slice-frames.js";
import type { Call } from "../runners/call.ts";
import type { Outcome } from "../runners/outcome.ts";
import type { Runner } from "../runners/runner.ts";
import type { ItemOutcomes } from "../runners/slice.ts";
import { ItemRun, isOfItem } from "./item-run.ts";
import { ListResult } from "./list-result.ts";

const COUNTED_ITEMS = 2 ** 30;

export interface ListOptions {
	/** Workers at most. */
	concurrency: number;
	/** Infinite without a bound. */
	itemTimeoutMs: number;
	/** The first item that fails is the call's error. */
	failsAtOnce: boolean;
	maxInputBytes: number;
	maxOutputBytes: number;
	/** For the numbers. */
	onOutcomes(outcomes: ItemOutcomes): void;
}

/**
 * Runs the items of a call whose body is a JSON array, and gives the call its outcome (interface §4).
 * @param runner does not retire before the list has ended
 * @param runnerOf gives it for the next slice
 */
export function runList(
	call: Call,
	runner: Runner,
	runnerOf: () => Runner,
	options: ListOptions,
): void {
	const { maxOutputBytes, failsAtOnce, concurrency, itemTimeoutMs } = options;
	const cutter = new ListCutter({ maxItemBytes: options.maxInputBytes });
	cutter.push(call.body);
	cutter.finish();
	const result = new ListResult();
	/** Items that have been cut. */
	let total = 0;
	const run = new ItemRun(call, runnerOf, {
		form: Form.LIST,
		inputKind: InputKind.JSON,
		flags: 0,
		isBackground: false,
		concurrency,
		itemTimeoutMs,
		next(maxItems, maxBytes) {
			const cut = cutter.take(maxItems, maxBytes);
			total += cut?.count ?? 0;
			return cut;
		},
		isDone: () => cutter.isDone,
		bytesLeft: () => cutter.bufferedBytes,
		onOutcomes(outcomes) {
			result.add(outcomes);
			options.onOutcomes(outcomes);
			if (failsAtOnce && outcomes.failed > 0) run.end(NOT_RUN);
			else if (result.bytes > maxOutputBytes) run.end(tooLarge(maxOutputBytes));
		},
		onPrinted: (firstIndex, text) => result.print({ firstIndex, text }),
		onEnd(error) {
			runner.unhold();
			call.finish(outcomeOf(error));
		},
	});

	function outcomeOf(error: AlgoError | undefined): Outcome {
		if (failsAtOnce && result.failed > 0) return result.failure(call);
		if (error && (failsAtOnce || !isOfItem(error)))
			return { kind: "failed", error, runMs: result.runMs };
		try {
			return result.answer(call, countAll(), error);
		} catch (fault) {
			// Time was up before the end had been looked at, and that is no JSON.
			if (!(fault instanceof AlgoError)) throw fault;
			return { kind: "failed", error: fault, runMs: result.runMs };
		}
	}

	/** Also those that nobody has cut. */
	function countAll(): number {
		let cut = cutter.take(COUNTED_ITEMS, Number.POSITIVE_INFINITY);
		for (; cut; cut = cutter.take(COUNTED_ITEMS, Number.POSITIVE_INFINITY))
			total += cut.count;
		return total;
	}

	runner.hold();
	run.more();
}

/** Never seen: the first failure is what its caller gets. */
const NOT_RUN = new AlgoError("ALGORITHM_FAILED", "an item before it failed");

const tooLarge = (maxBytes: number): AlgoError =>
	new AlgoError(
		"OUTPUT_TOO_LARGE",
		`the results are more than the limit of ${maxBytes} bytes together; send fewer items in a call, or all of them as a stream (application/x-ndjson) or a job, where the limit is one result's`,
	);
