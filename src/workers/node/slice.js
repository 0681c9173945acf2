// Serves a slice: many items in one frame, one after the other, their outcomes in groups (protocol/README.md, rules 12 to 14).
import { outcomeFrame, Status, Want } from "../../protocol/frames.js";
import { SliceFlag } from "../../protocol/slice-frames.js";
import { AuthorCode } from "./author-code.js";
import { faultOfResults } from "./batch.js";
import { Items } from "./items.js";
import { Outcomes, then } from "./outcomes.js";
import { currentCall } from "./output.js";

/**
 * @typedef {import("./open-call.js").OpenSlice} OpenSlice
 * @typedef {import("./outcomes.js").Outcome} Outcome
 */

export class Slice {
	#bench;
	#slice;
	#code;
	/** @type {Items | undefined} */
	#read;
	/** @type {Outcomes | undefined} */
	#made;
	/** The next item. */
	#at = 0;
	/** Up to here items run one by one: a group of them threw, or the server wants it so. */
	#singlyUntil = 0;
	#isStopped = false;
	#started = performance.now();

	/**
	 * @param {import("./bench.js").Bench} bench
	 * @param {OpenSlice} slice
	 */
	constructor(bench, slice) {
		this.#bench = bench;
		this.#slice = slice;
		this.#code = new AuthorCode(bench, slice);
	}

	/**
	 * Runs the items.
	 * @returns {Promise<void> | undefined} nothing if that is over already
	 * @throws {import("./input.js").RefusedInput} the bytes are no list; nothing has run
	 */
	serve() {
		const { id, flags } = this.#slice;
		this.#read = new Items(this.#slice);
		const { lane, outbox, turn } = this.#bench;
		this.#made = new Outcomes(lane, outbox, id, this.#items.isInLines);
		// Then the server knows that the gate is open.
		if (turn.hasOpened) this.#outcomes.sayStarted();
		if (flags & SliceFlag.SINGLY) this.#singlyUntil = this.#items.length;
		return currentCall.run(this.#slice, () => this.#goOn());
	}

	/** Good once the items have been read, as these are. */
	get #outcomes() {
		return /** @type {Outcomes} */ (this.#made);
	}

	get #items() {
		return /** @type {Items} */ (this.#read);
	}

	/**
	 * Nobody waits for a call any more.
	 * @param {number} id
	 */
	cancel(id) {
		if (id === this.#slice.id) this.#code.cancel();
	}

	/**
	 * An exception that nobody caught.
	 * @param {unknown} owner the call or the item that it belongs to
	 * @param {unknown} error
	 */
	stray(owner, error) {
		const run = this.#code.runOf(owner);
		if (!run?.fail) return;
		this.#isStopped = !run.isGroup; // of a group nobody knows which
		run.fail(error);
	}

	/**
	 * Without a promise as long as everything answers at once.
	 * @returns {Promise<void> | undefined}
	 */
	#goOn() {
		const { turn } = this.#bench;
		const { length } = this.#items;
		while (this.#at < length && !this.#isStopped && !turn.isRecalled) {
			const pending = this.#runNext() ?? this.#writeIfDue();
			if (pending)
				return pending.then(() => {
					this.#outcomes.lookAtOnce();
					return then(this.#writeIfDue(), () => this.#goOn());
				});
		}
		return then(this.#outcomes.write(), () => this.#end());
	}

	/** @returns {Promise<void> | undefined} */
	#runNext() {
		const { module, load } = this.#bench;
		const { apply, applyBatch } = module;
		const isSingly = this.#at < this.#singlyUntil;
		if (applyBatch && !(isSingly && apply))
			return this.#runGroup(applyBatch, isSingly ? 1 : load.maxBatchItems);
		return apply && this.#runItem(apply);
	}

	/**
	 * @param {import("./load.js").Apply} apply
	 * @returns {Promise<void> | undefined}
	 */
	#runItem(apply) {
		const at = this.#at;
		const fault = this.#faultOf(at);
		if (fault !== undefined) return this.#put(this.#failure(at, fault));
		return this.#code.call(
			apply,
			this.#items.inputs[at],
			false,
			this.#answered,
			this.#failed,
		);
	}

	/** Of the next item. */
	#answered = (/** @type {unknown} */ value) =>
		this.#put(this.#result(this.#at, value));
	#failed = (/** @type {unknown} */ error) =>
		this.#put(this.#failure(this.#at, error));

	/**
	 * @param {import("./load.js").ApplyBatch} applyBatch
	 * @param {number} maxItems
	 * @returns {Promise<void> | undefined}
	 */
	#runGroup(applyBatch, maxItems) {
		const from = this.#at;
		const to = Math.min(this.#items.length, from + maxItems);
		/** @type {Map<number, Outcome>} */
		const faulty = new Map();
		/** @type {number[]} */
		const sound = [];
		for (let at = from; at < to; at++) {
			const fault = this.#faultOf(at);
			if (fault === undefined) sound.push(at);
			else faulty.set(at, this.#failure(at, fault));
		}
		const answer = (/** @type {(place: number) => Outcome} */ outcomeOf) => {
			let place = 0;
			const outcomes = [];
			for (let at = from; at < to; at++)
				outcomes.push(faulty.get(at) ?? outcomeOf(place++));
			this.#at = to;
			return this.#outcomes.putAll(outcomes);
		};
		const outcome = (
			/** @type {number} */ place,
			/** @type {unknown} */ result,
		) => {
			const at = /** @type {number} */ (sound[place]);
			return result instanceof Error
				? this.#failure(at, result)
				: this.#result(at, result);
		};
		if (sound.length === 0) return answer((place) => outcome(place, undefined));
		return this.#code.call(
			applyBatch,
			sound.map((at) => this.#items.inputs[at]),
			to - from > 1,
			(results) => {
				const fault = faultOfResults(results, sound.length);
				return answer((place) =>
					outcome(place, fault ?? /** @type {unknown[]} */ (results)[place]),
				);
			},
			(error) => {
				if (to - from === 1) return this.#failed(error);
				this.#singlyUntil = to;
				return undefined;
			},
		);
	}

	/**
	 * @param {number} at
	 * @returns {unknown} why the item cannot run
	 */
	#faultOf(at) {
		const { faults, inputs } = this.#items;
		if (faults.size > 0 && faults.has(at)) return faults.get(at);
		try {
			this.#bench.checkInput(inputs[at]);
			return undefined;
		} catch (error) {
			return error;
		}
	}

	/**
	 * @param {number} at
	 * @param {unknown} value
	 * @returns {Outcome}
	 */
	#result(at, value) {
		try {
			this.#bench.checkOutput(value);
			const { maxOutputBytes } = this.#bench.load;
			const text = this.#items.resultText(at, value, maxOutputBytes);
			return { text, isFailed: false };
		} catch (error) {
			return this.#failure(at, error);
		}
	}

	/**
	 * @param {number} at
	 * @param {unknown} error
	 * @returns {Outcome}
	 */
	#failure(at, error) {
		return { text: this.#items.errorText(at, error), isFailed: true };
	}

	/**
	 * Of the next item.
	 * @param {Outcome} outcome
	 */
	#put(outcome) {
		this.#at++;
		return this.#outcomes.put(outcome);
	}

	/** @returns {Promise<void> | undefined} */
	#writeIfDue() {
		return this.#at <= this.#singlyUntil
			? this.#outcomes.write()
			: this.#outcomes.writeIfDue();
	}

	/** @returns {Promise<void> | undefined} */
	#end() {
		const { id, wants, output } = this.#slice;
		this.#slice.over = true;
		this.#bench.onEnd(this.#slice, Number.POSITIVE_INFINITY);
		this.#bench.lane.send(
			outcomeFrame({
				id,
				status: Status.RESULT,
				contentType: 1,
				runMs: performance.now() - this.#started,
				errorType: "",
				parts: wants & Want.STDOUT && output ? [output.text] : [],
			}),
		);
		return this.#bench.lane.drained();
	}
}
