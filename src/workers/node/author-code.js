// Calls of the author's code for the items of one slice, one at a time.
import { Context } from "./context.js";
import { isThenable } from "./load.js";
import { currentCall } from "./output.js";

/**
 * @typedef {import("./bench.js").Bench} Bench
 * @typedef {import("./open-call.js").OpenSlice} OpenSlice
 *
 * @typedef {object} Run What runs now: an item, or a group of them.
 * @property {string} requestId
 * @property {Context} context
 * @property {import("./output.js").Output | undefined} output
 * @property {boolean} over
 * @property {boolean} isGroup
 * @property {unknown} owner whose the exceptions are that it does not catch: itself, or its slice
 * @property {(error: unknown) => void} [fail] ends it while it is waited for
 */

export class AuthorCode {
	#bench;
	#slice;
	#started = performance.now();
	/** @type {Run | undefined} */
	#run;
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

	/** Nobody waits for the slice any more. */
	cancel() {
		if (this.#run)
			Context.abort(this.#run.context, new Error("the caller no longer waits"));
	}

	/**
	 * @param {unknown} owner of an exception that nobody caught
	 * @returns {Run | undefined} what runs now, if it is its
	 */
	runOf(owner) {
		return this.#run?.owner === owner ? this.#run : undefined;
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
	call(apply, input, isGroup, onValue, onError) {
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
}
