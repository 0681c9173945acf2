// Serves calls that start together, in one `applyBatch` (protocol/README.md, rules 15 and 16).
import { jsonFrame, Kind } from "../../protocol/frames.js";
import { faultOfResults } from "./batch.js";
import { Context } from "./context.js";
import { failureFrame, resultFrame } from "./envelope.js";
import { readInput } from "./input.js";
import { currentCall } from "./output.js";

/**
 * @typedef {import("./open-call.js").OpenCall} OpenCall
 * @typedef {import("./open-call.js").OpenBatch} OpenBatch
 */

/** Outcomes are written together up to this size: a write, and a read at the other end, costs more than a small outcome. */
const JOINED_BYTES = 65_536;

/** In the place of a result: what was thrown, of any kind. */
class Thrown {
	/** @param {unknown} error */
	constructor(error) {
		this.error = error;
	}
}

export class MicroBatch {
	#bench;
	#batch;
	/** @type {Set<number>} */
	#cancelled = new Set();
	/** @type {Context | undefined} */
	#context;
	/** Ends it while it is waited for. @type {((error: unknown) => void) | undefined} */
	#fail;

	/**
	 * @param {import("./bench.js").Bench} bench
	 * @param {OpenBatch} batch
	 */
	constructor(bench, batch) {
		this.#bench = bench;
		this.#batch = batch;
	}

	/** @returns {Promise<void>} when its outcomes have been written */
	async serve() {
		/** @type {Map<OpenCall, unknown>} */
		const faults = new Map();
		for (const call of this.#batch.calls) {
			try {
				call.input = readInput(call.inputKind, call.body);
				this.#bench.checkInput(call.input);
			} catch (error) {
				faults.set(call, error);
			}
		}
		const sound = this.#batch.calls.filter((call) => !faults.has(call));
		const started = performance.now();
		const results = sound.length > 0 ? await this.#apply(sound) : [];
		const runMs = performance.now() - started;
		this.#batch.over = true;
		this.#bench.onEnd(this.#batch, Number.POSITIVE_INFINITY);
		if (!results) {
			this.#bench.lane.send(jsonFrame(Kind.APART, {}));
			return;
		}
		const places = new Map(sound.map((call, place) => [call, place]));
		await this.#write((call) => {
			const place = places.get(call);
			return place === undefined
				? failureFrame(call, faults.get(call), 0)
				: this.#frameOf(call, results[place], runMs);
		});
	}

	/**
	 * Nobody waits for a call any more.
	 * @param {number} id
	 */
	cancel(id) {
		const { calls } = this.#batch;
		if (calls.some((call) => call.id === id)) this.#cancelled.add(id);
		if (this.#context && this.#cancelled.size === calls.length)
			Context.abort(this.#context, new Error("no caller waits any longer"));
	}

	/**
	 * An exception that nobody caught.
	 * @param {unknown} owner what it belongs to
	 * @param {unknown} error
	 */
	stray(owner, error) {
		if (owner === this.#batch) this.#fail?.(error);
	}

	/**
	 * @param {OpenCall[]} calls
	 * @returns {Promise<unknown[] | undefined>} a result for each; nothing if it threw, and it is not known for whose input
	 */
	async #apply(calls) {
		const { applyBatch } = this.#bench.module;
		const context = this.#makeContext();
		this.#context = context;
		const inputs = calls.map(({ input }) => input);
		try {
			const results = await new Promise((resolve, reject) => {
				this.#fail = reject;
				const run = () => applyBatch?.(inputs, context);
				Promise.resolve(currentCall.run(this.#batch, run)).then(
					resolve,
					reject,
				);
			});
			const fault = faultOfResults(results, calls.length);
			return fault ? calls.map(() => fault) : results;
		} catch (error) {
			return calls.length === 1 ? [new Thrown(error)] : undefined;
		}
	}

	#makeContext() {
		const { calls } = this.#batch;
		const [first] = /** @type {[OpenCall]} */ (calls);
		const context = new Context(
			this.#bench.loaded,
			first.requestId,
			first.account,
			performance.now() + Math.max(...calls.map((call) => call.remainingMs)),
			this.#bench.asks,
			first.id,
		);
		if (calls.some(({ account }) => account !== first.account))
			Object.defineProperty(context, "caller", {
				get() {
					throw new Error("applyBatch runs calls of several accounts here");
				},
			});
		return context;
	}

	/** @param {(call: OpenCall) => Buffer} frameOf */
	async #write(frameOf) {
		const { lane } = this.#bench;
		/** @type {Buffer[]} */
		let frames = [];
		let bytes = 0;
		for (const call of this.#batch.calls) {
			const frame = frameOf(call);
			if (bytes > 0 && bytes + frame.length > JOINED_BYTES) {
				lane.send(Buffer.concat(frames));
				await lane.drained();
				frames = [];
				bytes = 0;
			}
			frames.push(frame);
			bytes += frame.length;
		}
		lane.send(Buffer.concat(frames));
		await lane.drained();
	}

	/**
	 * @param {OpenCall} call
	 * @param {unknown} result
	 * @param {number} runMs
	 */
	#frameOf(call, result, runMs) {
		if (this.#batch.output) call.output = this.#batch.output;
		const { checkOutput, load } = this.#bench;
		try {
			if (result instanceof Thrown) throw result.error;
			if (result instanceof Error) throw result;
			checkOutput(result);
			return resultFrame(call, result, runMs, load.maxOutputBytes);
		} catch (error) {
			return failureFrame(call, error, runMs);
		}
	}
}
