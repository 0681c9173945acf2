import type { Slice } from "../runners/slice.ts";

/** Of items one of which has ended its process, and nobody knows which: so many at most, */
const MAX_SUSPECTS = 256;
/** and those that can have ended in the time in which their outcomes are not written, or before their worker looks at a clock. */
const UNWRITTEN_MS = 2;
const UNTIMED_ITEMS = 16;

/** How many of the items of a dead worker, from the first without an outcome on, must run one by one. */
export function suspectsOf(slice: Slice, itemMs = 0): number {
	if (slice.isInGroups) return MAX_SUSPECTS;
	const items = UNTIMED_ITEMS + Math.ceil(UNWRITTEN_MS / itemMs);
	return Math.min(MAX_SUSPECTS, items);
}

/** Which items end their workers. */
export class Culprits {
	/** Items that ran one by one when their process died, but not alone there. */
	readonly #suspects = new Set<number>();

	/**
	 * Whether it was the first of the items that have no outcome.
	 * @param index of that one
	 * @param count of them
	 */
	isKnown(slice: Slice, index: number, count: number): boolean {
		if (slice.blames === "first") return !slice.isInGroups || count === 1;
		if (!slice.isSingly) return false;
		// It can be the fault of a call or a list beside it, but hardly twice.
		const isTwice = this.#suspects.has(index);
		this.#suspects.add(index);
		return isTwice;
	}
}
