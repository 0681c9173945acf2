// Outcomes of a slice's items that have ended and are not written to the lane yet. They are in memory that the
// process's main thread shares, so that what has finished is not lost with its worker, nor stuck behind a loop.

/** @typedef {import("../../protocol/slice-frames.js").OutcomesFields} Outcomes */

const MAX_OUTCOMES = 8192;
const TEXT_BYTES = 512 * 1024;
const COMMA = 44;

// Words. TURN says which of two records is good: [CALL, OFFSET, COUNT], told whole by one step of TURN. The other one is
// written for the next turn, so that a reader who finds TURN where it was has read what belongs together.
const TURN = 0;
const RECORDS_AT = 1;
const [CALL, OFFSET, COUNT] = [0, 1, 2];
const RECORD_WORDS = 3;
const WORDS = RECORDS_AT + 2 * RECORD_WORDS;
const LENGTHS_AT = WORDS * 4;
const TEXT_AT = LENGTHS_AT + MAX_OUTCOMES * 4;

/** @param {number} turn */
const recordAt = (turn) => RECORDS_AT + (turn & 1) * RECORD_WORDS;

/** One writer, the worker, and one reader, the main thread. */
export class Outbox {
	#words;
	#lengths;
	#text;
	#call = 0;
	#offset = 0;
	#count = 0;
	#textLength = 0;
	#turn = 0;

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
	 * A slice starts; the box is empty. What it says then is of this slice until the next one starts: the server may not
	 * have read all that was written when it has ended.
	 * @param {number} call its id
	 */
	begin(call) {
		this.#call = call;
		this.#offset = 0;
		this.#nextTurn();
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
		Atomics.store(this.#words, recordAt(this.#turn) + COUNT, this.#count);
		return true;
	}

	/**
	 * @param {number} runMs what these items took
	 * @returns {Outcomes} what is in it, as views that are good until `emptied`
	 */
	contents(runMs) {
		return {
			id: this.#call,
			offset: this.#offset,
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
		this.#offset += this.#count + more;
		this.#nextTurn();
	}

	#nextTurn() {
		this.#count = 0;
		this.#textLength = 0;
		this.#turn++;
		const record = recordAt(this.#turn);
		this.#words[record + CALL] = this.#call;
		this.#words[record + OFFSET] = this.#offset;
		this.#words[record + COUNT] = 0;
		Atomics.store(this.#words, TURN, this.#turn);
	}

	/**
	 * For the main thread, while the worker goes on or when it is gone.
	 * @returns {Outcomes | undefined} a copy of what is in it; nothing if no slice has started
	 */
	read() {
		for (;;) {
			const turn = Atomics.load(this.#words, TURN);
			const record = recordAt(turn);
			const count = Atomics.load(this.#words, record + COUNT);
			const id = Atomics.load(this.#words, record + CALL);
			const offset = Atomics.load(this.#words, record + OFFSET);
			const lengths = this.#lengths.slice(0, count);
			let textLength = 0;
			for (const length of lengths) textLength += length >>> 1;
			const text = Buffer.from(this.#text.subarray(0, textLength));
			if (Atomics.load(this.#words, TURN) !== turn) continue;
			// Nobody has timed them.
			return id === 0 ? undefined : { id, offset, runMs: 0, lengths, text };
		}
	}
}
