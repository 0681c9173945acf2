import type { Cut, Cutter } from "../items/cut.ts";
import { recut } from "../items/recut.ts";
import { join } from "./cuts.ts";

/** Cuts that wait to be run, in input order, given away in any size. */
export class Feed {
	readonly #form: number;
	/** Reversed: the next one is the last. */
	readonly #waiting: Cut[];
	/** Of a cut that is given away in parts. */
	#parts: Cutter | undefined;

	/** @param cuts in input order */
	constructor(cuts: readonly Cut[], form: number) {
		this.#form = form;
		this.#waiting = cuts.toReversed();
	}

	get isEmpty(): boolean {
		return this.#waiting.length === 0 && (this.#parts?.isDone ?? true);
	}

	/** @returns consecutive items: so many and so many bytes at most, but one; `undefined` if there are none */
	take(maxItems: number, maxBytes: number): Cut | undefined {
		const part = this.#parts?.take(maxItems, maxBytes);
		if (part) return part;
		this.#parts = undefined;
		const first = this.#waiting.pop();
		if (!first) return undefined;
		let taken: Cut = first;
		if (taken.count > 1 && (taken.count > maxItems || taken.bytes > maxBytes)) {
			this.#parts = recut(taken, this.#form);
			return this.#parts.take(maxItems, maxBytes);
		}
		for (let next = this.#waiting.at(-1); next; next = this.#waiting.at(-1)) {
			if (taken.count + next.count > maxItems) break;
			if (taken.bytes + next.bytes >= maxBytes) break;
			const joined = join([taken, next], this.#form);
			if (!joined) break;
			taken = joined;
			this.#waiting.pop();
		}
		return taken;
	}
}
