/** Lets others wait until something may have changed. */
export class Changes {
	readonly #waiting = new Set<() => void>();

	/** It may have, now. */
	tell(): void {
		for (const wake of this.#waiting) wake();
	}

	/** Resolves when that is told, after so long, or when the signal aborts. */
	next(ms: number, signal: AbortSignal): Promise<void> {
		return new Promise((resolve) => {
			if (signal.aborted) {
				resolve();
				return;
			}
			const wake = () => {
				clearTimeout(timer);
				this.#waiting.delete(wake);
				signal.removeEventListener("abort", wake);
				resolve();
			};
			const timer = setTimeout(wake, ms);
			this.#waiting.add(wake);
			signal.addEventListener("abort", wake);
		});
	}
}
