import type { Message } from "../message.ts";
import { Recent } from "./recent.ts";

/** Those of more messages than that may be forgotten, the oldest first; they begin anew. */
const AT_LEAST = 100_000;

/** How often messages have failed that went back to their broker. SQS does not count that, and a server that starts begins anew. */
export class FailedBefore {
	readonly #attempts = new Recent<number>(AT_LEAST);

	/** It is with its broker from now on. */
	set({ id }: Message, attempts: number): void {
		if (attempts > 0) this.#attempts.set(id, attempts);
	}

	/** It has come. @returns its failed attempts */
	take({ id, attempts }: Message): number {
		const known = this.#attempts.get(id) ?? 0;
		this.#attempts.delete(id);
		return Math.max(known, attempts);
	}
}
