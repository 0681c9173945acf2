import { AlgoError, timedOut } from "../errors.ts";
import type { Cut } from "../items/cut.ts";
import { splitCut } from "../items/split-cut.ts";
import { SliceFlag } from "../protocol/slice-frames.js";
import type { Call, CallHolder } from "../runners/call.ts";
import type { Outcome } from "../runners/outcome.ts";
import type { Runner } from "../runners/runner.ts";
import { type ItemOutcomes, Slice } from "../runners/slice.ts";
import { Culprits, suspectsOf } from "./culprits.ts";
import { DeathBound } from "./death-bound.ts";
import { faultOutcome } from "./fault-outcome.ts";
import type { ItemRunOptions, Room } from "./items-request.ts";
import { Pending, type PendingCut } from "./pending.ts";
import { itemsFor, MAX_BYTES } from "./slice-size.ts";

/** With so much work left in a slice it pays to share it with a worker that has none. */
const WORTH_SHARING_MS = 5;

/**
 * The one way in which the items of a list, a stream or a job are run: in slices, on the workers of one version. An item that
 * ends its worker costs itself only.
 */
export class ItemRun implements CallHolder {
	readonly #call: Call;
	readonly #runnerOf: () => Runner;
	readonly #options: ItemRunOptions;
	readonly #slices = new Map<Slice, Cut>();
	/** Before what `next` gives. */
	readonly #pending = new Pending();
	readonly #deaths = new DeathBound();
	readonly #culprits = new Culprits();
	readonly #timer: NodeJS.Timeout | undefined;
	#endsWith: AlgoError | undefined;
	#isPumping = false;
	#isOver = false;

	/**
	 * From now on it holds the call, and ends at its deadline.
	 * @param call that the items belong to
	 * @param runnerOf the version's runner now @throws AlgoError NOT_FOUND: the version is gone
	 */
	constructor(call: Call, runnerOf: () => Runner, options: ItemRunOptions) {
		this.#call = call;
		this.#runnerOf = runnerOf;
		this.#options = options;
		call.holder = this;
		if (call.deadlineAt < Number.POSITIVE_INFINITY)
			this.#timer = setTimeout(
				() => this.end(timedOut()),
				call.deadlineAt - performance.now(),
			);
	}

	/** There may be more items, or room for more outcomes. */
	more(): void {
		if (this.#isPumping || this.#isOver) return;
		this.#isPumping = true;
		try {
			while (this.#mayStart && this.#startSlice());
			if (!this.#endsWith && this.#options.isDone()) this.#share();
		} catch (error) {
			if (!(error instanceof AlgoError)) throw error;
			this.end(error);
		} finally {
			this.#isPumping = false;
		}
		this.#endIfDone();
	}

	/** Starts no further item, and ends with this when those that run have ended or been ended. */
	end(error: AlgoError): void {
		if (this.#isOver || this.#endsWith) return;
		this.#endsWith = error;
		for (const slice of [...this.#slices.keys()]) slice.end(error);
		this.#endIfDone();
	}

	/** The call is over before its outcome: its caller has left, or the server ends. */
	release(call: Call): void {
		this.end(new AlgoError(call.endedBy ?? "CLIENT_GONE", "the call is over"));
	}

	get #mayStart(): boolean {
		const room = this.#room;
		if (this.#endsWith || room === "none") return false;
		// Items in doubt run alone: then it is known who has ended the worker.
		const isAlone =
			room === "first" || this.#pending.isDoubtful || this.#hasDoubtful;
		return this.#slices.size < (isAlone ? 1 : this.#options.concurrency);
	}

	get #room(): Room {
		return this.#options.room?.() ?? "all";
	}

	get #hasDoubtful(): boolean {
		return [...this.#slices.keys()].some(({ isSingly }) => isSingly);
	}

	/** @returns false: there is nothing to start now */
	#startSlice(): boolean {
		const runner = this.#runnerOf();
		const first = this.#pending.shift();
		const maxItems = Math.max(itemsFor(runner.itemMs), runner.groupItems);
		const cut = first ? this.#split(first, maxItems) : this.#next(maxItems);
		if (!cut) return false;
		if (cut.fault) {
			this.#tell(faultOutcome(cut, cut.fault, this.#options));
			return true;
		}
		const { form, inputKind, flags, itemTimeoutMs, isBackground } =
			this.#options;
		const slice = new Slice({
			call: this.#call,
			form,
			inputKind,
			flags: first?.isDoubtful ? flags | SliceFlag.SINGLY : flags,
			itemTimeoutMs,
			isBackground,
			firstIndex: cut.firstIndex,
			count: cut.count,
			pieces: cut.pieces,
			onOutcomes: (outcomes) => {
				this.#deaths.survived(outcomes.count);
				this.#tell(outcomes);
				this.#makeRoom();
			},
			onStopped: (stopped) => this.#takeBack(stopped, cut),
			onEnd: (ended, outcome) => this.#ended(ended, cut, outcome),
		});
		this.#slices.set(slice, cut);
		runner.submit(slice);
		return true;
	}

	#next(maxItems: number): Cut | undefined {
		const { concurrency, bytesLeft } = this.#options;
		const share = bytesLeft
			? Math.ceil(bytesLeft() / (2 * concurrency))
			: MAX_BYTES;
		const isShared = concurrency > 1;
		return this.#options.next(
			maxItems,
			isShared ? Math.min(share, MAX_BYTES) : MAX_BYTES,
		);
	}

	/** The first items of what waits again; the rest goes on waiting. */
	#split({ cut, isDoubtful }: PendingCut, maxItems: number): Cut | undefined {
		if (isDoubtful) return cut;
		const { first, rest } = this.#splitCut(cut, maxItems);
		this.#pending.add(rest);
		return first;
	}

	#splitCut(cut: Cut, count: number): { first?: Cut; rest?: Cut } {
		return splitCut(cut, this.#options.form, count);
	}

	#tell(outcomes: ItemOutcomes): void {
		if (!this.#isOver) this.#options.onOutcomes(outcomes);
	}

	/** The items behind the one that may run now will not start there. */
	#takeBack(slice: Slice, cut: Cut): void {
		const { rest } = this.#splitCut(cut, slice.giveBack());
		if (this.#endsWith || !rest) return;
		const isShared = this.#options.concurrency > 1;
		const count = isShared ? Math.ceil(rest.count / 2) : rest.count;
		const { first, rest: second } = this.#splitCut(rest, count);
		this.#pending.add(first, slice.isSingly);
		this.#pending.add(second, slice.isSingly);
		this.#soon();
	}

	#ended(slice: Slice, cut: Cut, outcome: Outcome): void {
		this.#slices.delete(slice);
		const isEnding = this.#endsWith !== undefined;
		if (outcome.kind === "refused")
			this.end(new AlgoError("BAD_REQUEST", outcome.reason));
		else if (outcome.kind === "result" && outcome.body.length > 0)
			this.#options.onPrinted?.(slice.firstIndex, outcome.body);
		if (!isEnding && outcome.kind !== "refused" && slice.done < slice.count) {
			const kept = this.#splitCut(cut, slice.count).first;
			const left = kept && this.#splitCut(kept, slice.done).rest;
			if (left) this.#goOn(slice, left, outcome);
		}
		this.#soon();
	}

	/** @param left the items of a slice that have no outcome */
	#goOn(slice: Slice, left: Cut, outcome: Outcome): void {
		if (outcome.kind !== "failed") this.#pending.add(left, slice.isSingly);
		else if (!isOfItem(outcome.error)) this.end(outcome.error);
		else if (slice.blames === "none") {
			this.#pending.add(left);
			this.#countDeath(outcome.error);
		} else if (this.#culprits.isKnown(slice, left.firstIndex, left.count))
			this.#blame(left, outcome.error);
		else {
			const { itemMs } = this.#runnerOf();
			const { first, rest } = this.#splitCut(left, suspectsOf(slice, itemMs));
			this.#pending.add(rest);
			this.#pending.add(first, true);
		}
	}

	/** The first of these items has ended its worker; the others wait. */
	#blame(left: Cut, error: AlgoError): void {
		const { first: culprit = left, rest } = this.#splitCut(left, 1);
		const { errorType = "AlgorithmError", message } = error;
		this.#tell(faultOutcome(culprit, { message, errorType }, this.#options));
		this.#pending.add(rest);
		// An item's time is the caller's to give.
		if (error.code !== "TIMED_OUT") this.#countDeath(error);
	}

	#countDeath(error: AlgoError): void {
		// What nobody waits for decides by itself when it is enough.
		if (this.#options.isBackground) return;
		const verdict = this.#deaths.died(error);
		if (verdict) this.end(verdict);
	}

	/** No items are left to start: a worker that has none gets some of another's. */
	#share(): void {
		const { concurrency } = this.#options;
		if (this.#pending.length > 0 || this.#slices.size >= concurrency) return;
		const itemMs = this.#runnerOf().itemMs ?? WORTH_SHARING_MS;
		let largest: Slice | undefined;
		let most = Math.max(1, WORTH_SHARING_MS / itemMs);
		for (const slice of this.#slices.keys()) {
			const left = slice.count - slice.done;
			if (left <= most || !slice.isShareable || slice.isSingly) continue;
			most = left;
			largest = slice;
		}
		largest?.stop();
	}

	/** Stops what there is no room for, if not all of it. */
	#makeRoom(): void {
		const room = this.#room;
		if (room === "all") return;
		const slices = [...this.#slices.keys()];
		const least = Math.min(...slices.map(({ firstIndex }) => firstIndex));
		for (const slice of slices)
			if (room === "none" || slice.firstIndex > least) slice.stop();
	}

	#soon(): void {
		setImmediate(() => this.more());
	}

	#endIfDone(): void {
		if (this.#isOver || this.#slices.size > 0) return;
		const isDone =
			this.#endsWith !== undefined ||
			(this.#pending.length === 0 && this.#options.isDone());
		if (!isDone) return;
		this.#isOver = true;
		clearTimeout(this.#timer);
		this.#options.onEnd(this.#endsWith);
	}
}

/** Whether it is the fault of the item that ran. */
export function isOfItem({ code }: AlgoError): boolean {
	return code === "EXITED" || code === "OUT_OF_MEMORY" || code === "TIMED_OUT";
}
