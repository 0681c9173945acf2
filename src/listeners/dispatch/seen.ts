/** Enough for what can come again: what was acknowledged in vain, or stored just before a server was killed. */
const MAX_IDS = 200_000;

/** Ids of messages that are done; the oldest are forgotten. */
export class Seen {
	readonly #ids = new Set<string>();

	has(id: string): boolean {
		return this.#ids.has(id);
	}

	delete(id: string): void {
		this.#ids.delete(id);
	}

	add(id: string): void {
		this.#ids.add(id);
		if (this.#ids.size <= MAX_IDS) return;
		const [oldest] = this.#ids;
		this.#ids.delete(oldest as string);
	}
}
