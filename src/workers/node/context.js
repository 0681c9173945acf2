// The second argument of `apply` and the first of `load` (interface §3).

/** What an algorithm may know of the call it serves. */
export class Context {
	#deadline;
	/** @type {AbortController | undefined} */
	#controller;

	/**
	 * @param {unknown} loaded what `load` returned
	 * @param {string} requestId
	 * @param {string} account
	 * @param {number} remainingMs
	 */
	constructor(loaded, requestId, account, remainingMs) {
		this.loaded = loaded;
		this.requestId = requestId;
		this.caller = { account };
		this.#deadline = performance.now() + remainingMs;
	}

	/** Milliseconds until the caller's time is up. */
	remainingMs() {
		return Math.max(0, this.#deadline - performance.now());
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
