/** Together, the calls of one group should run no longer than this. */
const GROUP_MS = 2;
const MAX_GROUP = 32;

/** How long a version's calls run, learnt from those that have ended; it rises at once and falls slowly. */
export class RunEstimate {
	#ms: number | undefined;

	/** Milliseconds of a call, `undefined` before the first. */
	get ms(): number | undefined {
		return this.#ms;
	}

	add(runMs: number): void {
		if (this.#ms === undefined) this.#ms = runMs;
		else this.#ms += (runMs - this.#ms) * (runMs > this.#ms ? 0.5 : 0.1);
	}

	get groupSize(): number {
		return groupSizeOf(this.#ms);
	}
}

/** How many calls of so many milliseconds may travel together: one while nothing is known. */
export function groupSizeOf(ms: number | undefined, max = MAX_GROUP): number {
	if (ms === undefined) return 1;
	return Math.max(1, Math.min(max, Math.floor(GROUP_MS / Math.max(ms, 0.001))));
}
