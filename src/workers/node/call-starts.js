// When the calls of one process began that run now: its workers see it in shared memory.

/** One place for each worker: milliseconds since 1970, 0 while it runs nothing. */
export class CallStarts {
	#starts;
	#place;

	/**
	 * @param {SharedArrayBuffer} memory of CallStarts.allocate
	 * @param {number} place the worker's own
	 */
	constructor(memory, place) {
		this.#starts = new Float64Array(memory);
		this.#place = place;
	}

	/** @param {number} places as many as there may be workers at the same time */
	static allocate(places) {
		return new SharedArrayBuffer(places * Float64Array.BYTES_PER_ELEMENT);
	}

	begin() {
		this.#starts[this.#place] = Date.now();
	}

	end() {
		this.#starts[this.#place] = 0;
	}

	/** When the first of those began that run now; infinite if none does. */
	get oldest() {
		let oldest = Number.POSITIVE_INFINITY;
		for (const start of this.#starts)
			if (start > 0 && start < oldest) oldest = start;
		return oldest;
	}
}
