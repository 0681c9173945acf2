import type { Message } from "../message.ts";

/** More messages than that are forgotten, the oldest first; they begin anew. */
const MAX_MESSAGES = 100_000;

/** How often messages have failed that went back to their broker. SQS does not count that, and a server that starts begins anew. */
export class FailedBefore {
	readonly #attempts = new Map<string, number>();

	/** It is with its broker from now on. */
	set({ id }: Message, attempts: number): void {
		if (attempts === 0) return;
		this.#attempts.set(id, attempts);
		if (this.#attempts.size <= MAX_MESSAGES) return;
		const [oldest] = this.#attempts.keys();
		this.#attempts.delete(oldest as string);
	}

	/** It has come. @returns its failed attempts */
	take({ id, attempts }: Message): number {
		const known = this.#attempts.get(id) ?? 0;
		this.#attempts.delete(id);
		return Math.max(known, attempts);
	}
}
