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
import { errorText, readItems, resultText } from "./items.js";
import { isThenable } from "./load.js";
import { currentCall } from "./output.js";

/**
 * @typedef {import("./open-call.js").OpenSlice} OpenSlice
 * @typedef {import("./items.js").Item} Item
 * @typedef {{ text: string, isFailed: boolean }} Outcome
 *
 * @typedef {object} Run What runs now: an item, or a group of them.
 * @property {string} requestId
 * @property {Context} context
 * @property {import("./output.js").Output | undefined} output
 * @property {boolean} over
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
 * @property {() => void} onEnd all items have ended, and nothing is said yet
 */

/** Outcomes are written together, but not later than this. */
const WRITE_AFTER_MS = 1;
/** To look at the clock costs as much as a trivial item. */
const MAX_UNTIMED = 32;

export class Slice {
	#bench;
	#slice;
	/** @type {Item[]} */
	#items = [];
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
		this.#items = readItems(this.#slice);
		const { outbox, turn } = this.#bench;
		outbox.begin(id);
		// Then the server knows that the gate is open.
		if (turn.hasOpened) this.#send(outbox.contents(0));
		if (flags & SliceFlag.SINGLY) this.#singlyUntil = this.#items.length;
		return this.#goOn();
	}

	/** Nobody waits for the slice any more. */
	cancel() {
		if (this.#run)
			Context.abort(this.#run.context, new Error("the caller no longer waits"));
	}

	/**
	 * An exception that nobody caught.
	 * @param {unknown} run that it belongs to
	 * @param {unknown} error
	 */
	stray(run, error) {
		if (run !== this.#run || !this.#run?.fail) return;
		this.#isStopped = true;
		this.#run.fail(error);
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
			if (pending) return pending.then(() => this.#goOn());
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
		const item = /** @type {Item} */ (this.#items[this.#at]);
		const fault = this.#faultOf(item);
		if (fault !== undefined) return this.#put(this.#failure(item, 0, fault));
		return this.#call(
			apply,
			item.input,
			(value) => this.#put(this.#result(item, 0, value)),
			(error) => this.#put(this.#failure(item, 0, error)),
		);
	}

	/**
	 * @param {import("./load.js").ApplyBatch} applyBatch
	 * @param {number} maxItems
	 * @returns {Promise<void> | undefined}
	 */
	#runGroup(applyBatch, maxItems) {
		const items = this.#items.slice(this.#at, this.#at + maxItems);
		/** @type {(Outcome | undefined)[]} */
		const outcomes = items.map((item, i) => {
			const fault = this.#faultOf(item);
			return fault === undefined ? undefined : this.#failure(item, i, fault);
		});
		const sound = items.filter((_, i) => outcomes[i] === undefined);
		const answerWith = (/** @type {(index: number) => unknown} */ resultOf) => {
			let next = 0;
			return this.#putAll(
				items.map((item, i) => {
					const known = outcomes[i];
					if (known) return known;
					const result = resultOf(next++);
					return result instanceof Error
						? this.#failure(item, i, result)
						: this.#result(item, i, result);
				}),
			);
		};
		if (sound.length === 0) return answerWith(() => undefined);
		return this.#call(
			applyBatch,
			sound.map(({ input }) => input),
			(results) => {
				const fault = faultOfResults(results, sound.length);
				return answerWith(
					(i) => fault ?? /** @type {unknown[]} */ (results)[i],
				);
			},
			(error) => {
				if (items.length === 1)
					return this.#put(
						this.#failure(/** @type {Item} */ (items[0]), 0, error),
					);
				this.#singlyUntil = this.#at + items.length;
				return undefined;
			},
		);
	}

	/**
	 * Calls the author's code.
	 * @template Input
	 * @param {(input: Input, context: object) => unknown} apply
	 * @param {Input} input
	 * @param {(value: unknown) => Promise<void> | undefined} onValue
	 * @param {(error: unknown) => Promise<void> | undefined} onError
	 * @returns {Promise<void> | undefined}
	 */
	#call(apply, input, onValue, onError) {
		const run = this.#begin();
		let returned;
		try {
			returned = currentCall.run(run, apply, input, run.context);
		} catch (error) {
			this.#finish(run);
			return onError(error);
		}
		if (!isThenable(returned)) {
			this.#finish(run);
			return onValue(returned);
		}
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

	#begin() {
		const { loaded, asks } = this.#bench;
		const { id, requestId, account, remainingMs, itemTimeoutMs, output } =
			this.#slice;
		const deadline = this.#started + remainingMs;
		const itemDeadline =
			itemTimeoutMs < remainingMs
				? Math.min(deadline, performance.now() + itemTimeoutMs)
				: deadline;
		/** @type {Run} */
		const run = {
			requestId,
			context: new Context(loaded, requestId, account, itemDeadline, asks, id),
			output,
			over: false,
		};
		this.#run = run;
		return run;
	}

	/** @param {Run} run */
	#finish(run) {
		run.over = true;
		this.#run = undefined;
		if (run.output) this.#slice.output = run.output;
	}

	/**
	 * @param {Item} item
	 * @returns {unknown} why it cannot run
	 */
	#faultOf(item) {
		if (item.fault !== undefined) return item.fault;
		try {
			this.#bench.checkInput(item.input);
			return undefined;
		} catch (error) {
			return error;
		}
	}

	/**
	 * @param {Item} item
	 * @param {number} i its place behind the next item
	 * @param {unknown} value
	 * @returns {Outcome}
	 */
	#result(item, i, value) {
		try {
			this.#bench.checkOutput(value);
			const { maxOutputBytes } = this.#bench.load;
			const text = resultText(
				this.#slice,
				this.#at + i,
				item,
				value,
				maxOutputBytes,
			);
			return { text, isFailed: false };
		} catch (error) {
			return this.#failure(item, i, error);
		}
	}

	/**
	 * @param {Item} item
	 * @param {number} i its place behind the next item
	 * @param {unknown} error
	 * @returns {Outcome}
	 */
	#failure(item, i, error) {
		const text = errorText(this.#slice, this.#at + i, item, error);
		return { text, isFailed: true };
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
		if (outbox.put(text, isFailed)) return undefined;
		return then(this.#write(), () => {
			if (!outbox.put(text, isFailed)) return this.#writeAlone(text, isFailed);
			return undefined;
		});
	}

	/** @returns {Promise<void> | undefined} */
	#writeIfDue() {
		if (this.#at <= this.#singlyUntil) return this.#write();
		if (++this.#untimed < this.#stride) return undefined;
		const elapsed = performance.now() - this.#writtenAt;
		this.#stride =
			elapsed > WRITE_AFTER_MS / 2
				? 1
				: Math.min(MAX_UNTIMED, this.#stride * 2);
		this.#untimed = 0;
		return elapsed > WRITE_AFTER_MS ? this.#write() : undefined;
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
		this.#bench.outbox.end();
		this.#bench.onEnd();
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
