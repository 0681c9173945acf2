// The second argument of `apply` and the first of `load` (interface §3).

import { pipe } from "./asks.js";
import { Data } from "./data.js";

/** What an algorithm may know of the call it serves. */
export class Context {
	#deadline;
	#asks;
	#call;
	/** @type {AbortController | undefined} */
	#controller;

	/**
	 * @param {unknown} loaded what `load` returned
	 * @param {string} requestId
	 * @param {string} account
	 * @param {number} deadline on the clock of performance.now()
	 * @param {import('./asks.js').Asks} asks
	 * @param {number} call its id; 0 while loading
	 */
	constructor(loaded, requestId, account, deadline, asks, call) {
		this.loaded = loaded;
		this.requestId = requestId;
		this.caller = { account };
		this.#deadline = deadline;
		this.#asks = asks;
		this.#call = call;
	}

	// Getters, so that authors may take what they need: `apply(input, { algo, data })`.

	/** Milliseconds until the caller's time is up. */
	get remainingMs() {
		return () => Math.max(0, this.#deadline - performance.now());
	}

	/** Another algorithm, to be called in the name of who called this one; it ends with this call. */
	get algo() {
		/**
		 * @param {string} ref `OWNER/NAME[/VERSION]`, with or without `algo://`
		 * @param {{ timeout?: number }} [options] `timeout` in seconds
		 */
		return (ref, { timeout } = {}) => {
			const timeoutMs = timeout === undefined ? undefined : timeout * 1000;
			return {
				/** @param {unknown} input */
				pipe: (input) => pipe(this.#ask, ref, timeoutMs, input),
			};
		};
	}

	/** Files under `data://`, as who called this algorithm may see them. */
	get data() {
		return new Data(this.#ask);
	}

	get #ask() {
		/**
		 * @param {import('../../protocol/messages.ts').Ask} head
		 * @param {Uint8Array} [body]
		 */
		return (head, body) => this.#asks.ask(this.#call, head, body);
	}

	/**
	 * Aborts when the call ends early: its time is up or its caller has left.
	 * @returns {AbortSignal}
	 */
	get signal() {
		this.#controller ??= new AbortController();
		return this.#controller.signal;
	}

	/**
	 * @param {Context} context
	 * @param {Error} reason
	 */
	static abort(context, reason) {
		context.#controller?.abort(reason);
	}
}
