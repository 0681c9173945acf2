/** Work of so many milliseconds outweighs what was before it. */
const MEMORY_MS = 200;

/**
 * How long an item of a slice runs, learnt from those that have ended: of all the work, the later the more. It comes in
 * reports about one item or thousands, so it is the work that counts and not the report.
 */
export class ItemEstimate {
	#ms = 0;
	#items = 0;

	/** Milliseconds of an item, `undefined` before the first. */
	get ms(): number | undefined {
		return this.#items > 0 ? this.#ms / this.#items : undefined;
	}

	/** @param ms that so many items took together; 0 if nobody has timed them */
	add(items: number, ms: number): void {
		if (items === 0 || ms === 0) return;
		const kept = Math.exp(-ms / MEMORY_MS);
		this.#ms = this.#ms * kept + ms;
		this.#items = this.#items * kept + items;
	}
}
