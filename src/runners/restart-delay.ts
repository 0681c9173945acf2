const FIRST_MS = 250;
const LONGEST_MS = 30_000;

/** How long to wait before trying again what keeps failing: not at all after the first few times, then longer each time. */
export class RestartDelay {
	readonly #freeTries: number;
	#failures = 0;
	#until = 0;

	/** @param freeTries failures in a row that cost no wait */
	constructor(freeTries: number) {
		this.#freeTries = freeTries;
	}

	/** Milliseconds still to wait, 0 for none. */
	get remainingMs(): number {
		return Math.max(0, this.#until - performance.now());
	}

	failed(): void {
		this.#failures++;
		const paid = this.#failures - this.#freeTries;
		if (paid > 0)
			this.#until =
				performance.now() + Math.min(LONGEST_MS, FIRST_MS * 2 ** (paid - 1));
	}

	succeeded(): void {
		this.#failures = 0;
		this.#until = 0;
	}
}
