// Which call of a group may still start: settled between a worker and the main thread of its process in
// shared memory, so that it is exact even while the worker is inside a loop.

const STARTED = 0;
const RECALLED = 1;

/**
 * Two words. STARTED is the id of the last call that started; inverted (`~id`), the gate is closed behind it.
 * RECALLED is the last id that a closed gate holds back; later ones open it again.
 *
 * The server recalls a lane a second time only after an outcome of a later call, that is after the gate
 * has been opened; without that, an opening worker and a closing main thread could miss each other.
 */
export class Turn {
	#words;
	#last = 0;
	/** Whether the call that started last has opened the gate. */
	hasOpened = false;

	/** @param {SharedArrayBuffer} memory of Turn.allocate */
	constructor(memory) {
		this.#words = new Int32Array(memory);
	}

	static allocate() {
		return new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
	}

	/**
	 * The worker asks before each call.
	 * @param {number} id higher than any before
	 * @returns {boolean} false: the call has been recalled and is to be dropped without a word
	 */
	start(id) {
		this.hasOpened =
			Atomics.compareExchange(this.#words, STARTED, this.#last, id) !==
			this.#last;
		if (this.hasOpened) {
			if (id <= Atomics.load(this.#words, RECALLED)) return false;
			Atomics.store(this.#words, STARTED, id);
		}
		this.#last = id;
		return true;
	}

	/**
	 * The main thread closes the gate.
	 * @param {number} last the id of the last call that was sent to the worker
	 * @returns {number} the id of the last call that started; those after it, up to `last`, never will
	 */
	recall(last) {
		Atomics.store(this.#words, RECALLED, last);
		for (;;) {
			const started = Atomics.load(this.#words, STARTED);
			if (started < 0) return ~started;
			if (
				Atomics.compareExchange(this.#words, STARTED, started, ~started) ===
				started
			)
				return started;
		}
	}

	/** Whether what runs has been recalled: it starts nothing more. */
	get isRecalled() {
		return Atomics.load(this.#words, STARTED) < 0;
	}

	/** The id of the last call that started. */
	get started() {
		const started = Atomics.load(this.#words, STARTED);
		return started < 0 ? ~started : started;
	}
}
