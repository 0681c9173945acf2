import type { Released } from "../events.ts";
import type { Manifest } from "../registry/manifest.ts";
import type { Call } from "./call.ts";
import { Slice } from "./slice.ts";

const MAX_ITEMS = 32;
const MAX_WAIT_MS = 5;
/** Of all bodies of a batch that is more than one call: the worker holds them all at the same time. */
const MAX_BYTES = 16 * 2 ** 20;

/** Of the newest gap in the mean. */
const WEIGHT = 0.2;
const MIN_GAP_MS = 0.01;
/** After so many mean gaps without a call nothing comes, */
const PATIENCE = 4;
/** but calls that have arrived are read within this. */
const MIN_QUIET_MS = 1;

/** When waiting single calls of one version leave for `applyBatch`, and how many. It has no clock and no queue of its own. */
export class MicroBatch {
	readonly #maxItems: number;
	readonly #maxWaitMs: number;
	/** A gap that says: nothing comes. */
	readonly #farMs: number;
	/** Between calls, lately. A geometric mean: calls come in bursts, and the pause before one must not hide how dense it is. */
	#gapMs: number;
	#arrivedAt = Number.NEGATIVE_INFINITY;
	/** Calls since none was open. */
	#company = 0;
	/** When the wait of those that are there began. */
	#since: number | undefined;
	#isHeldUp = false;

	constructor({ microBatch = {}, maxBatchItems }: Manifest) {
		const { maxItems = MAX_ITEMS, maxWaitMs = MAX_WAIT_MS } = microBatch;
		this.#maxItems = Math.min(maxItems, maxBatchItems ?? maxItems);
		this.#maxWaitMs = maxWaitMs;
		this.#farMs = Math.max(MIN_GAP_MS, 4 * maxWaitMs);
		this.#gapMs = this.#farMs;
	}

	/**
	 * A call joins those that wait.
	 * @param isFirst no other waits
	 * @param isAlone no other call of the version is open
	 */
	arrived(now: number, isFirst: boolean, isAlone: boolean): void {
		if (isFirst) this.#begin();
		// It comes after the only answer that there was: the next one will come after its own, however fast that is.
		if (isAlone && this.#company === 1) this.#gapMs = this.#farMs;
		this.#company = isAlone ? 1 : this.#company + 1;
		const sinceLast = Math.max(MIN_GAP_MS, now - this.#arrivedAt);
		const gapMs = isAlone ? this.#farMs : Math.min(sinceLast, this.#farMs);
		this.#gapMs *= (gapMs / this.#gapMs) ** WEIGHT;
		this.#arrivedAt = now;
		this.#since ??= now;
	}

	/** No worker is free. */
	heldUp(): void {
		this.#isHeldUp = true;
	}

	/** How many of those that wait, from the first on, may go together. */
	count(waiting: readonly Call[]): number {
		let bytes = 0;
		let count = 0;
		for (const call of waiting) {
			bytes += call.body.length;
			const isOther = call instanceof Slice || call.runsAlone;
			const isFull = count === this.#maxItems || bytes > MAX_BYTES;
			if (isOther || (isFull && count > 0)) break;
			count++;
		}
		return count;
	}

	/**
	 * A worker is free for the first `count` of those that wait.
	 * @param isCut nothing can join them: something else is behind them
	 * @returns why they go, or how many milliseconds to wait before asking again
	 */
	release(count: number, isCut: boolean, now: number): Released | number {
		const released = this.#reason(count, isCut, now);
		if (typeof released === "string") this.#begin();
		return released;
	}

	#reason(count: number, isCut: boolean, now: number): Released | number {
		if (count >= this.#maxItems || isCut) return "full";
		if (this.#isHeldUp) return "busy";
		if (this.#gapMs >= this.#maxWaitMs) return "idle";
		this.#since ??= now;
		const until = this.#since + this.#maxWaitMs;
		if (now >= until) return "waited";
		const quietMs = Math.max(MIN_QUIET_MS, PATIENCE * this.#gapMs);
		const quietAt = this.#arrivedAt + quietMs;
		const isTooLate = this.#arrivedAt + this.#gapMs >= until;
		return isTooLate || now >= quietAt
			? "idle"
			: Math.min(until, quietAt) - now;
	}

	#begin(): void {
		this.#since = undefined;
		this.#isHeldUp = false;
	}
}
