const NONE: Buffer = Buffer.alloc(0);
const BOM = Buffer.from("\ufeff");

/**
 * The chunks of an input, from the first byte that is still needed on, and how far they have been scanned. A byte order
 * mark at the beginning is passed. All offsets are the input's; an index is in the chunk that is scanned.
 */
export class Chunks {
	/** The one that is scanned. */
	current = NONE;
	/** The index where scanning goes on. */
	at = 0;
	/** Where the input ends, as far as it has come. */
	end: number;
	readonly #start: number;
	/** The input's first bytes, until it can be told whether they are a byte order mark. */
	#first = NONE;
	/** Those that are needed, up to the current one. */
	#held: Buffer[] = [NONE];
	#heldStart: number;
	#currentStart: number;
	#waiting: Buffer[] = [];

	/** @param start the offset of the first byte that will be pushed */
	constructor(start: number) {
		this.#start = start;
		this.end = start;
		this.#heldStart = start;
		this.#currentStart = start;
	}

	/** Where scanning goes on. */
	get scanned(): number {
		return this.#currentStart + this.at;
	}

	offsetOf(index: number): number {
		return this.#currentStart + index;
	}

	push(chunk: Buffer): void {
		this.end += chunk.length;
		if (this.#start > 0 || this.end - chunk.length >= BOM.length)
			this.#add(chunk);
		else {
			const isFirst = this.#first.length === 0;
			this.#first = isFirst ? chunk : Buffer.concat([this.#first, chunk]);
			if (this.end >= BOM.length) this.finish();
		}
	}

	/** No more chunks. */
	finish(): void {
		const first = this.#first;
		this.#first = NONE;
		const passed = first.subarray(0, BOM.length).equals(BOM) ? BOM.length : 0;
		this.#currentStart += passed;
		this.#heldStart += passed;
		this.#add(first.subarray(passed));
	}

	#add(chunk: Buffer): void {
		if (chunk.length > 0) this.#waiting.push(chunk);
	}

	/** Goes on to the next chunk, if it is there. */
	next(): boolean {
		const next = this.#waiting.shift();
		if (!next) return false;
		this.#currentStart += this.current.length;
		this.current = next;
		this.at = 0;
		this.#held.push(next);
		return true;
	}

	/** Adds these bytes to the pieces, as views, and lets go of the chunks before their end, but not of the current one. */
	give(pieces: Buffer[], from: number, to: number): void {
		for (;;) {
			const [chunk = NONE] = this.#held;
			const start = this.#heldStart;
			const piece = chunk.subarray(Math.max(0, from - start), to - start);
			if (piece.length > 0) pieces.push(piece);
			if (this.#held.length === 1 || start + chunk.length > to) return;
			this.#held.shift();
			this.#heldStart += chunk.length;
		}
	}

	/** Whether there are only such bytes between two offsets that have been scanned. */
	areAll(from: number, to: number, bytes: readonly number[]): boolean {
		const isInCurrent = from >= this.#currentStart;
		let start = isInCurrent ? this.#currentStart : this.#heldStart;
		for (const chunk of isInCurrent ? [this.current] : this.#held) {
			const end = Math.min(to - start, chunk.length);
			for (let index = Math.max(from - start, 0); index < end; index++)
				if (!bytes.includes(chunk[index] as number)) return false;
			start += chunk.length;
		}
		return true;
	}
}
