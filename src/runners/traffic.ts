/** So long after a call somebody may call again. */
const INTERACTIVE_MS = 1000;

/** When somebody who waits has called last, whichever version. */
export class Traffic {
	#calledAt = Number.NEGATIVE_INFINITY;

	called(now: number): void {
		this.#calledAt = now;
	}

	get isRecent(): boolean {
		return performance.now() - this.#calledAt < INTERACTIVE_MS;
	}
}
