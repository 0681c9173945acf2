import type { ItemOutcomes } from "../runners/slice.ts";

/** What a group takes beside its text. */
const GROUP_BYTES = 256;

/** Puts outcomes, whose groups come in any order, into the order of their items. */
export class InOrder {
	#next = 0;
	readonly #early = new Map<number, ItemOutcomes>();
	/** What is held back takes about so much memory. */
	earlyBytes = 0;

	/** @returns those whose turn it is now, in their order */
	take(outcomes: ItemOutcomes): ItemOutcomes[] {
		if (outcomes.firstIndex !== this.#next) {
			this.#early.set(outcomes.firstIndex, outcomes);
			this.earlyBytes += bytesOf(outcomes);
			return [];
		}
		this.#next += outcomes.count;
		const ready = [outcomes];
		for (let group = this.#pass(); group; group = this.#pass())
			ready.push(group);
		return ready;
	}

	#pass(): ItemOutcomes | undefined {
		const group = this.#early.get(this.#next);
		if (!group) return undefined;
		this.#early.delete(this.#next);
		this.earlyBytes -= bytesOf(group);
		this.#next += group.count;
		return group;
	}
}

const bytesOf = ({ text, count }: ItemOutcomes): number =>
	GROUP_BYTES + text.length + 4 * count;
