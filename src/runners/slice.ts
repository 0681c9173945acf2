import { type AlgoError, timedOut } from "../errors.ts";
import { Want } from "../protocol/frames.js";
import { type OutcomesFields, SliceFlag } from "../protocol/slice-frames.js";
import { Call, type CallHolder } from "./call.ts";
import type { Outcome } from "./outcome.ts";

/** A worker whose slice has been stopped ends it in no time, unless an item runs on. */
const PRINTED_MS = 25;
/** If none does, its end is on its way, and is late on a busy machine only. */
const ENDED_MS = 250;
/** Outcomes of some of them are on their way for about a millisecond. */
const UNWRITTEN_MS = 2;

/** Outcomes of consecutive items, as their worker wrote them. */
export interface ItemOutcomes {
	/** Index of the first item in the whole list or stream. */
	firstIndex: number;
	count: number;
	failed: number;
	/** Milliseconds that they took in the worker; 0 if nobody has timed them. */
	runMs: number;
	/** Each outcome's text in bytes, times two, plus one if its item failed. */
	lengths: Uint32Array;
	text: Buffer;
}

export interface SliceOptions {
	/** The call that its items belong to. */
	call: Call;
	/** One of InputKind: how the bytes of an item become its input. */
	inputKind: number;
	firstIndex: number;
	count: number;
	/** As a SLICE frame wants them. */
	pieces: readonly Buffer[];
	/** One of Form. */
	form: number;
	/** Bits of SliceFlag. */
	flags: number;
	itemTimeoutMs: number;
	/** Behind all calls and slices that somebody waits for. */
	isBackground: boolean;
	onOutcomes(outcomes: ItemOutcomes): void;
	/** The items behind the one that may run now will not start: `giveBack` takes them. */
	onStopped(slice: Slice): void;
	onEnd(slice: Slice, outcome: Outcome): void;
}

/** The lane that has a slice. */
export interface SliceHolder extends CallHolder {
	/** No further item starts; `slice.stopped` says when that is certain. */
	stop(slice: Slice): void;
}

const NOTHING = Buffer.alloc(0);

/**
 * Consecutive items of a list or stream on their way through one worker. To runners and lanes it is a call; its outcomes
 * come in groups, and its own outcome only says that no more will come.
 */
export class Slice extends Call {
	readonly firstIndex: number;
	readonly pieces: readonly Buffer[];
	readonly form: number;
	readonly flags: number;
	readonly itemTimeoutMs: number;
	readonly isBackground: boolean;
	/** Of its items; those given back are none of it any more. */
	count: number;
	/** Items that have their outcome. */
	done = 0;
	/** Which of the items that have no outcome has ended the worker, as far as that is known of items that start together. */
	blames: "first" | "none" | "unknown" = "first";
	readonly #call: Call;
	readonly #options: SliceOptions;
	#holder: SliceHolder | undefined;
	/** How many items start together. */
	#groupItems = 1;
	#endsWith: AlgoError | undefined;
	/** When it ends because an item has had its time: how many were done then. */
	#overdueAt: number | undefined;
	/** Those that do not start there are none of it any more. */
	#hasGivenBack = false;
	/** What its process knows of, and what its worker has written before that has not all been read. */
	#rest: OutcomesFields | undefined;
	#isStopped = false;

	constructor(options: SliceOptions) {
		const { call, inputKind } = options;
		const { requestId, caller, wants } = call;
		super(
			{ requestId, caller, inputKind, wants, body: NOTHING, whole: call },
			Number.POSITIVE_INFINITY,
			(outcome) => options.onEnd(this, outcome),
		);
		this.firstIndex = options.firstIndex;
		this.count = options.count;
		this.pieces = options.pieces;
		this.form = options.form;
		this.flags = options.flags;
		this.itemTimeoutMs = options.itemTimeoutMs;
		this.isBackground = options.isBackground;
		this.#call = call;
		this.#options = options;
	}

	/** How long its caller still waits. */
	remainingMs(now: number): number {
		return this.#call.deadlineAt - now;
	}

	/**
	 * A worker has it.
	 * @param groupItems how many items start together there
	 */
	begin(holder: SliceHolder, groupItems: number): void {
		this.holder = holder;
		this.#holder = holder;
		this.#groupItems = Math.min(groupItems, this.count);
		this.#moveDeadline();
	}

	/** Its worker died before it started, and it goes back to the queue. */
	returned(): void {
		this.#holder = undefined;
		this.deadlineAt = Number.POSITIVE_INFINITY;
		if (this.#endsWith) super.end(this.#endsWith);
	}

	/** Outcomes come in order; one that has come already, another way, is dropped. */
	receive(outcomes: OutcomesFields): void {
		this.#tell(outcomes);
		if (this.#rest) this.receiveRest(this.#rest);
	}

	/** What its worker had finished and not written. It can be here before what was written. */
	receiveRest(rest: OutcomesFields): void {
		const isNext = rest.offset <= this.done;
		this.#rest = isNext ? undefined : rest;
		if (!isNext) return;
		this.#tell(rest);
		if (this.#isStopped) this.stopped();
	}

	#tell({ offset, runMs, lengths, text }: OutcomesFields): void {
		const known = Math.max(0, this.done - offset);
		const fresh = Math.min(lengths.length, this.count - offset);
		if (this.isOver || offset > this.done || known >= fresh) return;
		const firstIndex = this.firstIndex + this.done;
		this.done = offset + fresh;
		this.#moveDeadline();
		const taken = lengths.subarray(known, fresh);
		const from = bytesOf(lengths.subarray(0, known));
		this.#options.onOutcomes({
			firstIndex,
			count: taken.length,
			failed: countFailed(taken),
			runMs,
			lengths: taken,
			text: Buffer.from(text.buffer, text.byteOffset + from, bytesOf(taken)),
		});
	}

	/**
	 * Its worker is gone.
	 * @param death `isTold`: its process says so; `isSuspect`: its process is gone too, and no other worker ran there;
	 *   `hasLostLane`: no item ran then
	 */
	died(death: {
		isTold: boolean;
		isSuspect: boolean;
		hasLostLane: boolean;
	}): void {
		const { isSingly } = this;
		// An item has broken the lane, so that outcomes behind it did not arrive.
		if (this.#rest) this.blames = isSingly ? "first" : "unknown";
		else if (death.hasLostLane) this.blames = "none";
		else if (!death.isTold && !(isSingly && death.isSuspect))
			this.blames = "unknown";
	}

	/** Whether each outcome is written before the next item starts: one of them has ended a worker, and nobody knows which. */
	get isSingly(): boolean {
		return (this.flags & SliceFlag.SINGLY) !== 0;
	}

	/** Whether items start together, so that all of them may be to blame. */
	get isInGroups(): boolean {
		return this.#groupItems > 1;
	}

	/** Whether it is to end with an error, not only to give its rest to others. */
	get isEnding(): boolean {
		return this.#endsWith !== undefined;
	}

	/** Whether it has a rest that others could have. */
	get isShareable(): boolean {
		return this.#holder !== undefined && !this.#hasGivenBack;
	}

	/** No further item is to start: the rest is for others. */
	stop(): void {
		this.#holder?.stop(this);
	}

	/** No further item starts. */
	stopped(): void {
		this.#isStopped = this.#rest !== undefined;
		if (this.isOver || this.#isStopped) return;
		// The item whose time was up has ended meanwhile: the one that runs now has its own.
		if (this.#overdueAt !== undefined && this.done > this.#overdueAt)
			this.#endsWith = undefined;
		this.#overdueAt = undefined;
		if (!this.#hasGivenBack) {
			this.#hasGivenBack = true;
			this.#options.onStopped(this);
		}
		const error = this.#endsWith;
		if (!error) return;
		// What its code has printed comes with its end, if that comes soon.
		if (this.wants & Want.STDOUT) {
			const graceMs = this.done === this.count ? ENDED_MS : PRINTED_MS;
			setTimeout(() => super.end(error), graceMs);
		} else super.end(error);
	}

	/** Whether there are items behind those that may run now. */
	get canGiveBack(): boolean {
		return this.isShareable && this.count > this.done + this.#groupItems;
	}

	/**
	 * Those behind the items that may run now are none of it any more.
	 * @returns how many items remain
	 */
	giveBack(): number {
		this.count = Math.min(this.count, this.done + this.#groupItems);
		return this.count;
	}

	/** If it was to end with an error of its own, it does, however its worker went. */
	override finish(outcome: Outcome): void {
		super.finish(
			outcome.kind === "failed" && this.#endsWith
				? { ...outcome, error: this.#endsWith }
				: outcome,
		);
	}

	/** What its worker has finished is known before it ends. */
	override end(error: AlgoError): void {
		this.#overdueAt = undefined;
		if (!this.#holder) super.end(error);
		else if (!this.#endsWith) {
			this.#endsWith = error;
			this.#holder.stop(this);
		}
	}

	/** The time of the item that runs is up. */
	override overdue(): void {
		if (this.#endsWith) return;
		const { done } = this;
		this.end(timedOut());
		this.#overdueAt = done;
	}

	/** The time of the next item begins. */
	#moveDeadline(): void {
		if (this.itemTimeoutMs < Number.POSITIVE_INFINITY)
			this.deadlineAt =
				performance.now() +
				this.itemTimeoutMs * this.#groupItems +
				UNWRITTEN_MS;
	}
}

export function bytesOf(lengths: Uint32Array): number {
	let bytes = 0;
	for (const length of lengths) bytes += length >>> 1;
	return bytes;
}

function countFailed(lengths: Uint32Array): number {
	let failed = 0;
	for (const length of lengths) failed += length & 1;
	return failed;
}
