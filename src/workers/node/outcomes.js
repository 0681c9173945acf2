// Outcomes of a slice on their way to the server: first into the outbox, then together to the lane (protocol/README.md, rule 12).
import { outcomesFrame } from "../../protocol/slice-frames.js";

/** @typedef {{ text: string, isFailed: boolean }} Outcome of one item */

/** Outcomes are written together, but not later than this. */
const WRITE_AFTER_MS = 1;
/** To look at the clock costs a quarter of a trivial item. */
const MAX_UNTIMED = 16;
const LOOK_AFTER_MS = 0.1;

export class Outcomes {
	#lane;
	#outbox;
	#isInLines;
	#untimed = 0;
	#stride = 1;
	#writtenAt = performance.now();
	#lookedAt = this.#writtenAt;

	/**
	 * @param {import("./lane.js").Lane} lane
	 * @param {import("./outbox.js").Outbox} outbox
	 * @param {number} call id of the slice
	 * @param {boolean} isInLines whether each is a line; else a comma follows each result
	 */
	constructor(lane, outbox, call, isInLines) {
		this.#lane = lane;
		this.#outbox = outbox;
		this.#isInLines = isInLines;
		outbox.begin(call);
	}

	/** Says that the slice has started. */
	sayStarted() {
		this.#send(this.#outbox.contents(0));
	}

	/** What has just been waited for is not short. */
	lookAtOnce() {
		this.#stride = 1;
	}

	/**
	 * @param {Outcome[]} outcomes
	 * @returns {Promise<void> | undefined}
	 */
	putAll(outcomes) {
		for (const [i, outcome] of outcomes.entries()) {
			const pending = this.put(outcome);
			if (pending)
				return pending.then(() => this.putAll(outcomes.slice(i + 1)));
		}
		return undefined;
	}

	/**
	 * @param {Outcome} outcome of the next item
	 * @returns {Promise<void> | undefined} what to wait for
	 */
	put({ text, isFailed }) {
		const outbox = this.#outbox;
		const hasComma = !isFailed && !this.#isInLines;
		if (outbox.put(text, isFailed, hasComma)) return undefined;
		return then(this.write(), () =>
			outbox.put(text, isFailed, hasComma)
				? undefined
				: this.#writeAlone(hasComma ? `${text},` : text, isFailed),
		);
	}

	/** @returns {Promise<void> | undefined} */
	writeIfDue() {
		if (++this.#untimed < this.#stride) return undefined;
		const now = performance.now();
		const isLong = now - this.#lookedAt > LOOK_AFTER_MS;
		this.#stride = isLong ? 1 : Math.min(MAX_UNTIMED, this.#stride * 2);
		this.#untimed = 0;
		this.#lookedAt = now;
		return now - this.#writtenAt > WRITE_AFTER_MS ? this.write() : undefined;
	}

	/** @returns {Promise<void> | undefined} */
	write() {
		const outbox = this.#outbox;
		if (outbox.isEmpty) return undefined;
		this.#send(outbox.contents(this.#lap()));
		return then(this.#lane.drained(), () => outbox.emptied());
	}

	/**
	 * The next outcome, too large for the box, which is empty.
	 * @param {string} text
	 * @param {boolean} isFailed
	 * @returns {Promise<void> | undefined}
	 */
	#writeAlone(text, isFailed) {
		const outbox = this.#outbox;
		const bytes = Buffer.from(text);
		this.#send({
			...outbox.contents(this.#lap()),
			lengths: Uint32Array.of(bytes.length * 2 + Number(isFailed)),
			text: bytes,
		});
		outbox.emptied(1);
		return this.#lane.drained();
	}

	/** @param {import("../../protocol/slice-frames.js").OutcomesFields} outcomes */
	#send(outcomes) {
		this.#lane.send(outcomesFrame(outcomes));
	}

	/** Milliseconds since outcomes were written. */
	#lap() {
		const before = this.#writtenAt;
		this.#writtenAt = performance.now();
		return this.#writtenAt - before;
	}
}

/**
 * @param {Promise<void> | undefined} pending
 * @param {() => Promise<void> | undefined | void} next
 * @returns {Promise<void> | undefined}
 */
export function then(pending, next) {
	return pending ? pending.then(next) : next() || undefined;
}
