// Serves a call that came by itself, without a promise if `apply` answers at once.
import { Context } from "./context.js";
import { errorFrame, failureFrame, resultFrame } from "./envelope.js";
import { readInput } from "./input.js";
import { isThenable } from "./load.js";
import { currentCall } from "./output.js";

export class SingleCall {
	#bench;
	#call;
	/** 0 if `apply` was not reached. */
	#started = 0;

	/**
	 * @param {import("./bench.js").Bench} bench
	 * @param {import("./open-call.js").OpenCall} call
	 */
	constructor(bench, call) {
		this.#bench = bench;
		this.#call = call;
	}

	/** @returns {PromiseLike<void> | undefined} nothing if the call is over already */
	serve() {
		const call = this.#call;
		const { apply, checkInput, loaded, asks } = this.#bench;
		try {
			call.input = readInput(call.inputKind, call.body);
			checkInput(call.input);
			call.context = new Context(
				loaded,
				call.requestId,
				call.account,
				performance.now() + call.remainingMs,
				asks,
				call.id,
			);
			this.#started = performance.now();
			const returned = currentCall.run(call, apply, call.input, call.context);
			if (!isThenable(returned)) return this.#finish(returned);
			return returned.then(
				(value) => this.#finish(value),
				(error) => this.#fail(error),
			);
		} catch (error) {
			return this.#fail(error);
		}
	}

	/**
	 * Nobody waits for a call any more.
	 * @param {number} id
	 */
	cancel(id) {
		const { context } = this.#call;
		if (id === this.#call.id && context)
			Context.abort(context, new Error("the caller no longer waits"));
	}

	/**
	 * An exception that nobody caught: if it is the call's, the call is over at once, and its promise settles whenever it does.
	 * @param {unknown} owner what it belongs to
	 * @param {unknown} error
	 */
	stray(owner, error) {
		const call = this.#call;
		if (owner === call)
			this.#end(failureFrame(call, error, 0), Number.POSITIVE_INFINITY);
	}

	/** @param {unknown} value */
	#finish(value) {
		const runMs = performance.now() - this.#started;
		const { checkOutput, load } = this.#bench;
		let frame;
		try {
			checkOutput(value);
			frame = resultFrame(this.#call, value, runMs, load.maxOutputBytes);
		} catch (error) {
			frame = errorFrame(this.#call, error, runMs);
		}
		return this.#end(frame, runMs);
	}

	/** @param {unknown} error */
	#fail(error) {
		const runMs = this.#started && performance.now() - this.#started;
		return this.#end(failureFrame(this.#call, error, runMs), runMs);
	}

	/**
	 * @param {Buffer} frame its outcome
	 * @param {number} runMs
	 * @returns {Promise<void> | undefined} what to wait for before the next call: a large outcome on its way
	 */
	#end(frame, runMs) {
		if (this.#call.over) return undefined;
		this.#call.over = true;
		const { lane, onEnd } = this.#bench;
		onEnd(this.#call, runMs);
		lane.send(frame);
		return lane.drained();
	}
}
