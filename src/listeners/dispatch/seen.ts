import { Recent } from "./recent.ts";

/**
 * Enough for what can come again: what was acknowledged in vain, or stored just before a server was killed, of which two
 * sinks know 100 000 each.
 */
const AT_LEAST = 200_000;

/** Ids of messages that are done; the oldest are forgotten. */
export class Seen {
	readonly #ids = new Recent<true>(AT_LEAST);

	has(id: string): boolean {
		return this.#ids.get(id) !== undefined;
	}

	delete(id: string): void {
		this.#ids.delete(id);
	}

	add(id: string): void {
		this.#ids.set(id, true);
	}
}
