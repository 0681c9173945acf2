/** Writes that can wait so long share a transaction. */
const EVERY_MS = 25;

/** One of several works of a transaction; it is told how it ended when that has. */
export interface Work {
	/** Does it; may be called again if the transaction was undone. */
	run(): void;
	resolve(): void;
	reject(error: unknown): void;
}

/** Gathers works for a short while and does them at once. */
export class Together {
	readonly #doAll: (works: readonly Work[]) => Promise<void>;
	#waiting: Work[] = [];
	#isBusy = false;
	#lastAt = Number.NEGATIVE_INFINITY;

	/** @param doAll resolves when they have been told; if it rejects, they are told that */
	constructor(doAll: (works: readonly Work[]) => Promise<void>) {
		this.#doAll = doAll;
	}

	add<T>(work: () => T): Promise<T> {
		return new Promise((resolve, reject) => {
			let result: T;
			this.#waiting.push({
				run() {
					result = work();
				},
				resolve: () => resolve(result),
				reject,
			});
			this.#schedule();
		});
	}

	#schedule(): void {
		if (this.#isBusy || this.#waiting.length === 0) return;
		this.#isBusy = true;
		const waitMs = this.#lastAt + EVERY_MS - performance.now();
		if (waitMs > 0) setTimeout(() => this.#flush(), waitMs);
		else setImmediate(() => this.#flush());
	}

	async #flush(): Promise<void> {
		const works = this.#waiting;
		this.#waiting = [];
		this.#lastAt = performance.now();
		try {
			await this.#doAll(works);
		} catch (error) {
			for (const work of works) work.reject(error);
		}
		this.#isBusy = false;
		this.#schedule();
	}
}
