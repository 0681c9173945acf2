import type { Call } from "./call.ts";
import { Slice } from "./slice.ts";

/**
 * Slices with an item that has ended its process, and nobody knows which. Where workers share a process only one of them
 * runs at a time: else each would go down with the other's culprit, and blame its own.
 */
export class Doubtful {
	#slices: Slice[] = [];
	#current: Slice | undefined;

	static has(call: Call): call is Slice {
		return call instanceof Slice && call.isSingly;
	}

	get length(): number {
		return this.#slices.length;
	}

	add(slice: Slice): void {
		this.#slices.push(slice);
	}

	remove(slice: Slice): void {
		this.#slices = this.#slices.filter((other) => other !== slice);
	}

	takeAll(): Slice[] {
		return this.#slices.splice(0);
	}

	/** @returns the next one, when that before it is over */
	next(): Slice | undefined {
		if (this.#current?.isOver === false) return undefined;
		this.#current = this.#slices.shift();
		return this.#current;
	}
}
