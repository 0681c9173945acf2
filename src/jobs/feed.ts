import type { Cut } from "../items/cut.ts";
import { splitCut } from "../items/split-cut.ts";
import { join } from "./cuts.ts";

/** Cuts that wait to be run, in input order, given away in any size. */
export class Feed {
	readonly #form: number;
	/** Reversed: the next one is the last. */
	readonly #waiting: Cut[];

	/** @param cuts in input order */
	constructor(cuts: readonly Cut[], form: number) {
		this.#form = form;
		this.#waiting = cuts.toReversed();
	}

	get isEmpty(): boolean {
		return this.#waiting.length === 0;
	}

	/** @returns consecutive items: so many and so many bytes at most, but one; `undefined` if there are none */
	take(maxItems: number, maxBytes: number): Cut | undefined {
		let taken = this.#waiting.pop();
		if (!taken) return undefined;
		const fitting = Math.floor((taken.count * maxBytes) / taken.bytes);
		const most = Math.max(1, Math.min(maxItems, fitting));
		if (taken.count > most) {
			const [first, rest] = splitCut(taken, this.#form, most);
			this.#waiting.push(rest);
			return first;
		}
		for (let next = this.#waiting.at(-1); next; next = this.#waiting.at(-1)) {
			const isFitting =
				taken.count + next.count <= maxItems &&
				taken.bytes + next.bytes < maxBytes;
			const joined = isFitting ? join(taken, next, this.#form) : undefined;
			if (!joined) break;
			taken = joined;
			this.#waiting.pop();
		}
		return taken;
	}
}
