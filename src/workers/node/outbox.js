// Outcomes of a slice's items that have ended and are not written to the lane yet. They are in memory that the
// process's main thread shares, so that what has finished is not lost with its worker, nor stuck behind a loop.

/** @typedef {import("../../protocol/frames.js").OutcomesFields} Outcomes */

const MAX_OUTCOMES = 8192;
const TEXT_BYTES = 512 * 1024;
const COMMA = 44;

// Words. SEQUENCE changes whenever the worker empties the box: what was read meanwhile may be torn.
const [SEQUENCE, CALL, OFFSET, COUNT] = [0, 1, 2, 3];
const WORDS = 4;
const LENGTHS_AT = WORDS * 4;
const TEXT_AT = LENGTHS_AT + MAX_OUTCOMES * 4;

/** One writer, the worker, and one reader, the main thread. */
export class Outbox {
	#words;
	#lengths;
	#text;
	#count = 0;
	#textLength = 0;

	/** @param {SharedArrayBuffer} memory of Outbox.allocate */
	constructor(memory) {
		this.#words = new Int32Array(memory, 0, WORDS);
		this.#lengths = new Uint32Array(memory, LENGTHS_AT, MAX_OUTCOMES);
		this.#text = Buffer.from(memory, TEXT_AT, TEXT_BYTES);
	}

	static allocate() {
		return new SharedArrayBuffer(TEXT_AT + TEXT_BYTES);
	}

	get isEmpty() {
		return this.#count === 0;
	}

	/**
	 * A slice starts; the box is empty. That it is about this slice stays so until the next one: what has been written
	 * last may not have been read when the slice is recalled.
	 * @param {number} call its id
	 */
	begin(call) {
		this.#words[OFFSET] = 0;
		Atomics.store(this.#words, CALL, call);
	}

	/**
	 * @param {string} text of one outcome
	 * @param {boolean} isFailed
	 * @param {boolean} hasComma whether a comma follows the text
	 * @returns {boolean} false: there is no room for it
	 */
	put(text, isFailed, hasComma) {
		if (this.#count === MAX_OUTCOMES) return false;
		const room = TEXT_BYTES - this.#textLength - 1;
		if (text.length * 3 > room && Buffer.byteLength(text) > room) return false;
		let bytes = this.#text.write(text, this.#textLength);
		if (hasComma) this.#text[this.#textLength + bytes++] = COMMA;
		this.#lengths[this.#count++] = bytes * 2 + Number(isFailed);
		this.#textLength += bytes;
		Atomics.store(this.#words, COUNT, this.#count);
		return true;
	}

	/**
	 * @param {number} runMs what these items took
	 * @returns {Outcomes} what is in it, as views that are good until `emptied`
	 */
	contents(runMs) {
		return {
			id: /** @type {number} */ (this.#words[CALL]),
			offset: /** @type {number} */ (this.#words[OFFSET]),
			runMs,
			lengths: this.#lengths.subarray(0, this.#count),
			text: this.#text.subarray(0, this.#textLength),
		};
	}

	/**
	 * All of it has been written.
	 * @param {number} more outcomes behind it that were written without coming here
	 */
	emptied(more = 0) {
		const offset =
			/** @type {number} */ (this.#words[OFFSET]) + this.#count + more;
		this.#count = 0;
		this.#textLength = 0;
		Atomics.add(this.#words, SEQUENCE, 1);
		Atomics.store(this.#words, COUNT, 0);
		Atomics.store(this.#words, OFFSET, offset);
	}

	/**
	 * For the main thread, while the worker goes on or when it is gone.
	 * @returns {Outcomes | undefined} a copy of what is in it; nothing if there was no slice
	 */
	read() {
		for (;;) {
			const sequence = Atomics.load(this.#words, SEQUENCE);
			const count = Atomics.load(this.#words, COUNT);
			const id = Atomics.load(this.#words, CALL);
			if (id === 0) return undefined;
			const lengths = this.#lengths.slice(0, count);
			let textLength = 0;
			for (const length of lengths) textLength += length >>> 1;
			const outcomes = {
				id,
				offset: Atomics.load(this.#words, OFFSET),
				runMs: 0, // nobody has timed them
				lengths,
				text: Buffer.from(this.#text.subarray(0, textLength)),
			};
			if (Atomics.load(this.#words, SEQUENCE) === sequence) return outcomes;
		}
	}
}
