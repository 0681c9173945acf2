// Serves a slice: many items in one frame, one after the other, their outcomes in groups (protocol/README.md, rules 12 to 14).
import {
	outcomeFrame,
	outcomesFrame,
	SliceFlag,
	Status,
	Want,
} from "../../protocol/frames.js";
import { faultOfResults } from "./batch.js";
import { Context } from "./context.js";
import { Items } from "./items.js";
import { isThenable } from "./load.js";
import { currentCall } from "./output.js";

/**
 * @typedef {import("./open-call.js").OpenSlice} OpenSlice
 * @typedef {{ text: string, isFailed: boolean }} Outcome
 *
 * @typedef {object} Run What runs now: an item, or a group of them.
 * @property {string} requestId
 * @property {Context} context
 * @property {import("./output.js").Output | undefined} output
 * @property {boolean} over
 * @property {boolean} isGroup
 * @property {unknown} owner whose the exceptions are that it does not catch: itself, or its slice
 * @property {(error: unknown) => void} [fail] ends it while it is waited for
 *
 * @typedef {object} Bench What a worker has to run items with.
 * @property {import("./lane.js").Lane} lane
 * @property {import("./turn.js").Turn} turn
 * @property {import("./outbox.js").Outbox} outbox
 * @property {import("./asks.js").Asks} asks
 * @property {import("./load.js").Module} module
 * @property {unknown} loaded what `load` returned
 * @property {import("./schema.js").Check} checkInput
 * @property {import("./schema.js").Check} checkOutput
 * @property {import("../../protocol/messages.ts").Load} load
 * @property {boolean} isAsync whether items have been seen that do not answer at once
 * @property {(many: OpenSlice | import("./open-call.js").OpenBatch) => void} onEnd all has ended, and that is not said yet
 */

/** Outcomes are written together, but not later than this. */
const WRITE_AFTER_MS = 1;
/** To look at the clock costs a quarter of a trivial item. */
const MAX_UNTIMED = 16;
const LOOK_AFTER_MS = 0.1;

export class Slice {
	#bench;
	#slice;
	/** @type {Items | undefined} */
	#read;
	/** The next item. */
	#at = 0;
	/** Up to here items run one by one: a group of them threw, or the server wants it so. */
	#singlyUntil = 0;
	/** @type {Run | undefined} */
	#run;
	#isStopped = false;
	#untimed = 0;
	#stride = 1;
	#started = performance.now();
	#writtenAt = this.#started;
	#lookedAt = this.#started;
	/** Items that answer at once can share one. @type {Context | undefined} */
	#context;

	/**
	 * @param {Bench} bench
	 * @param {OpenSlice} slice
	 */
	constructor(bench, slice) {
		this.#bench = bench;
		this.#slice = slice;
	}

	/**
	 * Runs the items.
	 * @returns {Promise<void> | undefined} nothing if that is over already
	 * @throws {import("./input.js").RefusedInput} the bytes are no list; nothing has run
	 */
	serve() {
		const { id, flags } = this.#slice;
		this.#read = new Items(this.#slice);
		const { outbox, turn } = this.#bench;
		outbox.begin(id);
		// Then the server knows that the gate is open.
		if (turn.hasOpened) this.#send(outbox.contents(0));
		if (flags & SliceFlag.SINGLY) this.#singlyUntil = this.#items.length;
		return currentCall.run(this.#slice, () => this.#goOn());
	}

	/** Good once they have been read. */
	get #items() {
		return /** @type {Items} */ (this.#read);
	}

	/**
	 * Nobody waits for a call any more.
	 * @param {number} id
	 */
	cancel(id) {
		if (this.#run && id === this.#slice.id)
			Context.abort(this.#run.context, new Error("the caller no longer waits"));
	}

	/**
	 * An exception that nobody caught.
	 * @param {unknown} owner the call or the item that it belongs to
	 * @param {unknown} error
	 */
	stray(owner, error) {
		const run = this.#run;
		if (!run?.fail || owner !== run.owner) return;
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
					this.#stride = 1; // what is waited for is not short
					return then(this.#writeIfDue(), () => this.#goOn());
				});
		}
		return then(this.#write(), () => this.#end());
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
		return this.#call(
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
			return this.#putAll(outcomes);
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
		return this.#call(
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
	 * Calls the author's code.
	 * @template Input
	 * @param {(input: Input, context: object) => unknown} apply
	 * @param {Input} input
	 * @param {boolean} isGroup whether that is several items
	 * @param {(value: unknown) => Promise<void> | undefined} onValue
	 * @param {(error: unknown) => Promise<void> | undefined} onError
	 * @returns {Promise<void> | undefined}
	 */
	#call(apply, input, isGroup, onValue, onError) {
		const run = this.#begin(isGroup);
		let returned;
		try {
			// A context of its own for each would cost more than a short item. Where items do not answer at once, it tells
			// whose an exception is that nobody caught.
			returned = this.#bench.isAsync
				? currentCall.run(run, apply, input, run.context)
				: apply(input, run.context);
		} catch (error) {
			this.#finish(run);
			return onError(error);
		}
		if (!isThenable(returned)) {
			this.#finish(run);
			return onValue(returned);
		}
		this.#bench.isAsync = true;
		return new Promise((resolve) => {
			/** @param {(value: unknown) => Promise<void> | undefined} answer */
			const first = (answer) => (/** @type {unknown} */ value) => {
				if (run.over) return;
				this.#finish(run);
				resolve(answer(value));
			};
			run.fail = first(onError);
			returned.then(first(onValue), run.fail);
		});
	}

	/** @param {boolean} isGroup */
	#begin(isGroup) {
		/** @type {Run} */
		const run = {
			requestId: this.#slice.requestId,
			context: this.#contextOfItem(),
			output: this.#slice.output,
			over: false,
			isGroup,
			owner: this.#slice,
		};
		if (this.#bench.isAsync) run.owner = run;
		this.#run = run;
		return run;
	}

	#contextOfItem() {
		if (this.#context && !this.#bench.isAsync) return this.#context;
		const { loaded, asks } = this.#bench;
		const { id, requestId, account, remainingMs, itemTimeoutMs } = this.#slice;
		const deadline = this.#started + remainingMs;
		const isBounded = itemTimeoutMs < remainingMs;
		const itemDeadline = isBounded
			? Math.min(deadline, performance.now() + itemTimeoutMs)
			: deadline;
		const context = new Context(
			loaded,
			requestId,
			account,
			itemDeadline,
			asks,
			id,
		);
		if (!isBounded) this.#context = context;
		return context;
	}

	/** @param {Run} run */
	#finish(run) {
		run.over = true;
		this.#run = undefined;
		if (run.output) this.#slice.output = run.output;
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
	 * @param {Outcome[]} outcomes
	 * @returns {Promise<void> | undefined}
	 */
	#putAll(outcomes) {
		for (const [i, outcome] of outcomes.entries()) {
			const pending = this.#put(outcome);
			if (pending)
				return pending.then(() => this.#putAll(outcomes.slice(i + 1)));
		}
		return undefined;
	}

	/**
	 * @param {Outcome} outcome of the next item
	 * @returns {Promise<void> | undefined} what to wait for
	 */
	#put({ text, isFailed }) {
		const { outbox } = this.#bench;
		this.#at++;
		const hasComma = !isFailed && !this.#items.isInLines;
		if (outbox.put(text, isFailed, hasComma)) return undefined;
		return then(this.#write(), () =>
			outbox.put(text, isFailed, hasComma)
				? undefined
				: this.#writeAlone(hasComma ? `${text},` : text, isFailed),
		);
	}

	/** @returns {Promise<void> | undefined} */
	#writeIfDue() {
		if (this.#at <= this.#singlyUntil) return this.#write();
		if (++this.#untimed < this.#stride) return undefined;
		const now = performance.now();
		const isLong = now - this.#lookedAt > LOOK_AFTER_MS;
		this.#stride = isLong ? 1 : Math.min(MAX_UNTIMED, this.#stride * 2);
		this.#untimed = 0;
		this.#lookedAt = now;
		return now - this.#writtenAt > WRITE_AFTER_MS ? this.#write() : undefined;
	}

	/** @returns {Promise<void> | undefined} */
	#write() {
		const { lane, outbox } = this.#bench;
		if (outbox.isEmpty) return undefined;
		this.#send(outbox.contents(this.#lap()));
		return then(lane.drained(), () => outbox.emptied());
	}

	/**
	 * The next outcome, too large for the box, which is empty.
	 * @param {string} text
	 * @param {boolean} isFailed
	 * @returns {Promise<void> | undefined}
	 */
	#writeAlone(text, isFailed) {
		const { lane, outbox } = this.#bench;
		const bytes = Buffer.from(text);
		this.#send({
			...outbox.contents(this.#lap()),
			lengths: Uint32Array.of(bytes.length * 2 + Number(isFailed)),
			text: bytes,
		});
		outbox.emptied(1);
		return lane.drained();
	}

	/** @param {import("../../protocol/frames.js").OutcomesFields} outcomes */
	#send(outcomes) {
		this.#bench.lane.send(outcomesFrame(outcomes));
	}

	/** Milliseconds since outcomes were written. */
	#lap() {
		const before = this.#writtenAt;
		this.#writtenAt = performance.now();
		return this.#writtenAt - before;
	}

	/** @returns {Promise<void> | undefined} */
	#end() {
		const { id, wants, output } = this.#slice;
		this.#slice.over = true;
		this.#bench.onEnd(this.#slice);
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

/**
 * @param {Promise<void> | undefined} pending
 * @param {() => Promise<void> | undefined | void} next
 * @returns {Promise<void> | undefined}
 */
function then(pending, next) {
	return pending ? pending.then(next) : next() || undefined;
}
