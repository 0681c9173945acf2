// A worker: a thread that loads one version and serves its lane until it is ended.
import {
	jsonFrame,
	Kind,
	PROTOCOL,
	readCalls,
	readSlice,
} from "../../protocol/frames.js";
import { Asks } from "./asks.js";
import { batchOfOne } from "./batch.js";
import { Context } from "./context.js";
import {
	errorFrame,
	failureFrame,
	refusedFrame,
	resultFrame,
} from "./envelope.js";
import { describe, TypedError } from "./errors.js";
import { readInput } from "./input.js";
import { Lane } from "./lane.js";
import { Leavings } from "./leavings.js";
import { isThenable, loadModule } from "./load.js";
import { MicroBatch } from "./micro-batch.js";
import { Outbox } from "./outbox.js";
import { captureOutput, currentCall, Output } from "./output.js";
import { compileSchema } from "./schema.js";
import { Slice } from "./slice.js";
import { Turn } from "./turn.js";

/**
 * @typedef {import("./open-call.js").OpenCall} OpenCall
 * @typedef {import("./open-call.js").OpenSlice} OpenSlice
 * @typedef {import("./open-call.js").OpenBatch} OpenBatch
 * @typedef {object} Task what the process's main thread hands to a new worker
 * @property {string} socketPath
 * @property {import('../../protocol/messages.ts').Open} open
 * @property {SharedArrayBuffer} turnMemory
 * @property {SharedArrayBuffer} outboxMemory
 * @property {import("./leavings.js").Temp} [temp]
 */

/**
 * Serves until the thread is ended. piscina calls this once a thread.
 * @param {Task} task
 * @returns {Promise<never>}
 */
export default async function serve(task) {
	const { socketPath, open, temp } = task;
	const lane = await Lane.open(socketPath);
	lane.send(
		jsonFrame(Kind.HELLO, {
			protocol: PROTOCOL,
			token: open.token,
			pid: process.pid,
			runtime: `node ${process.versions.node}`,
		}),
	);
	const turn = new Turn(task.turnMemory);
	const outbox = new Outbox(task.outboxMemory);
	const worker = new Worker(lane, open.load, turn, outbox, temp);
	lane.listen(
		(kind, payload) => worker.receive(kind, payload),
		() => process.exit(), // a thread is never reused: its modules hold the author's state
	);
	await worker.load();
	return await new Promise(() => {});
}

class Worker {
	#lane;
	#asks;
	#load;
	#turn;
	#outbox;
	#temp;
	/** @type {Leavings | undefined} */
	#leavings;
	/** @type {(OpenCall | OpenSlice | OpenBatch)[]} */
	#waiting = [];
	/** @type {OpenCall | undefined} */
	#running;
	/** What runs more than one input. @type {Slice | MicroBatch | undefined} */
	#many;
	/** @type {import("./bench.js").Bench | undefined} */
	#bench;
	#isBusy = false;
	#isLoading = true;
	/** @type {Output | undefined} */
	#loadOutput;
	/** @type {import("./load.js").Module} */
	#module = {};
	/** @type {import('./load.js').Apply} */
	#apply = () => {};
	/** @type {unknown} */
	#loaded;
	/** @type {import('./schema.js').Check} */
	#checkInput = () => {};
	/** @type {import('./schema.js').Check} */
	#checkOutput = () => {};

	/**
	 * @param {Lane} lane
	 * @param {import('../../protocol/messages.ts').Load} load
	 * @param {Turn} turn
	 * @param {Outbox} outbox
	 * @param {import("./leavings.js").Temp} [temp]
	 */
	constructor(lane, load, turn, outbox, temp) {
		this.#lane = lane;
		this.#asks = new Asks(lane);
		this.#load = load;
		this.#turn = turn;
		this.#outbox = outbox;
		this.#temp = temp;
	}

	async load() {
		const started = performance.now();
		Object.assign(process.env, this.#load.env); // the thread's own copy
		if (this.#temp)
			this.#leavings = new Leavings(this.#temp, process.env.TMPDIR);
		captureOutput((bytes) => this.#unclaimed(bytes));
		process.on("uncaughtException", (error) => this.#stray(error));
		process.on("unhandledRejection", (reason) => this.#stray(reason));
		try {
			const { inputSchema, outputSchema } = this.#load;
			this.#checkInput = await compileSchema(inputSchema, "input");
			this.#checkOutput = await compileSchema(outputSchema, "output");
			this.#module = await loadModule(this.#load);
			const { apply, applyBatch, load } = this.#module;
			if (applyBatch) this.#apply = batchOfOne(applyBatch);
			if (apply) this.#apply = apply;
			this.#loaded = await load?.(
				new Context(undefined, "", "", Number.POSITIVE_INFINITY, this.#asks, 0),
			);
		} catch (error) {
			const isOurs =
				error instanceof TypedError && error.error_type === "LoadingError";
			const { message } = describe(error);
			const { stack } = describe(isOurs ? error.cause : error);
			this.#lane.send(
				jsonFrame(Kind.FAILED, {
					message: isOurs ? message : `load() failed: ${message}`,
					...(stack && { stack }),
				}),
			);
			return;
		}
		this.#isLoading = false;
		this.#leavings?.loaded();
		this.#lane.send(
			jsonFrame(Kind.READY, {
				loadMs: performance.now() - started,
				isBatch: this.#module.applyBatch !== undefined,
			}),
		);
	}

	/**
	 * @param {number} kind
	 * @param {Buffer} payload
	 */
	receive(kind, payload) {
		if (kind === Kind.CALLS) {
			this.#waiting.push(...readCalls(payload));
			if (!this.#isBusy) this.#serve();
		} else if (kind === Kind.SLICE) {
			this.#waiting.push(readSlice(payload));
			if (!this.#isBusy) this.#serve();
		} else if (kind === Kind.BATCH) {
			this.#waiting.push(batchOf(readCalls(payload)));
			if (!this.#isBusy) this.#serve();
		} else if (kind === Kind.ANSWER) this.#asks.answered(payload);
		else if (kind === Kind.CANCEL) {
			const { call } = JSON.parse(payload.toString());
			const running = this.#running;
			if (running?.id === call && running?.context)
				Context.abort(running.context, new Error("the caller no longer waits"));
			this.#many?.cancel(call);
		}
	}

	/** Serves calls one at a time, without a promise as long as `apply` answers at once. */
	#serve() {
		if (this.#running) return; // an earlier call was ended by a stray exception, and its promise settles only now
		this.#isBusy = true;
		for (let call = this.#waiting.shift(); call; call = this.#waiting.shift()) {
			if (!this.#turn.start(call.id)) continue;
			const pending =
				"count" in call || "calls" in call
					? this.#runMany(call)
					: this.#run(call);
			if (pending) {
				pending.then(() => this.#serve());
				return;
			}
		}
		this.#isBusy = false;
	}

	/**
	 * @param {OpenSlice | OpenBatch} many
	 * @returns {Promise<void> | undefined} nothing if it is over already
	 */
	#runMany(many) {
		if (this.#loadOutput) many.output = this.#loadOutput;
		this.#loadOutput = undefined;
		this.#leavings?.begin();
		this.#bench ??= this.#makeBench();
		this.#many =
			"calls" in many
				? new MicroBatch(this.#bench, many)
				: new Slice(this.#bench, many);
		try {
			return this.#many.serve();
		} catch (error) {
			const { message } = describe(error);
			this.#many = undefined;
			this.#lane.send(refusedFrame(many.id, message));
			return undefined;
		}
	}

	/** @returns {import("./bench.js").Bench} */
	#makeBench() {
		const { apply, applyBatch } = this.#module;
		return {
			lane: this.#lane,
			turn: this.#turn,
			outbox: this.#outbox,
			asks: this.#asks,
			module: this.#module,
			loaded: this.#loaded,
			checkInput: this.#checkInput,
			checkOutput: this.#checkOutput,
			load: this.#load,
			isAsync: [apply, applyBatch].some(isAsyncFunction),
			onEnd: ({ requestId, output }) => {
				this.#many = undefined;
				if (output && !output.isEmpty) this.#sendOutput(requestId, output.text);
				this.#leavings?.remove(Number.POSITIVE_INFINITY);
			},
		};
	}

	/**
	 * @param {OpenCall} call
	 * @returns {PromiseLike<void> | undefined} nothing if the call is over already
	 */
	#run(call) {
		this.#running = call;
		if (this.#loadOutput) call.output = this.#loadOutput; // for the first call (api-contract §3.9)
		this.#loadOutput = undefined;
		this.#leavings?.begin();
		let started = 0;
		try {
			call.input = readInput(call.inputKind, call.body);
			this.#checkInput(call.input);
			call.context = new Context(
				this.#loaded,
				call.requestId,
				call.account,
				performance.now() + call.remainingMs,
				this.#asks,
				call.id,
			);
			started = performance.now();
			const returned = currentCall.run(
				call,
				this.#apply,
				call.input,
				call.context,
			);
			if (!isThenable(returned)) return this.#finish(call, returned, started);
			return returned.then(
				(value) => this.#finish(call, value, started),
				(error) => this.#fail(call, error, started),
			);
		} catch (error) {
			return this.#fail(call, error, started);
		}
	}

	/**
	 * @param {OpenCall} call
	 * @param {unknown} value
	 * @param {number} started
	 */
	#finish(call, value, started) {
		const runMs = performance.now() - started;
		let frame;
		try {
			this.#checkOutput(value);
			frame = resultFrame(call, value, runMs, this.#load.maxOutputBytes);
		} catch (error) {
			frame = errorFrame(call, error, runMs);
		}
		return this.#end(call, frame, runMs);
	}

	/**
	 * @param {OpenCall} call
	 * @param {unknown} error
	 * @param {number} started 0 if `apply` was not reached
	 */
	#fail(call, error, started) {
		const runMs = started && performance.now() - started;
		return this.#end(call, failureFrame(call, error, runMs), runMs);
	}

	/**
	 * @param {OpenCall} call
	 * @param {Buffer} frame its outcome
	 * @param {number} runMs
	 * @returns {Promise<void> | undefined} what to wait for before the next call: a large outcome on its way
	 */
	#end(call, frame, runMs) {
		if (call.over) return undefined;
		call.over = true;
		this.#running = undefined;
		if (call.output && !call.output.isEmpty)
			this.#sendOutput(call.requestId, call.output.text);
		this.#leavings?.remove(runMs); // before the answer: who has it may look
		this.#lane.send(frame);
		return this.#lane.drained();
	}

	/** @param {Buffer} bytes printed outside any call, or after its end */
	#unclaimed(bytes) {
		if (this.#isLoading) {
			this.#loadOutput ??= new Output();
			this.#loadOutput.push(bytes);
		} else this.#sendOutput(null, bytes.toString());
	}

	/**
	 * @param {string | null} requestId
	 * @param {string} text
	 */
	#sendOutput(requestId, text) {
		if (this.#load.sendOutput)
			this.#lane.send(
				jsonFrame(Kind.OUTPUT, { requestId, text: text.slice(0, 64 * 1024) }),
			);
	}

	/**
	 * An exception or rejection that nobody caught. If it comes from the call that runs, it is that call's
	 * error; if from an earlier one, its caller has been answered and only the server's log hears of it.
	 * @param {unknown} error
	 */
	#stray(error) {
		const call = currentCall.getStore();
		if (this.#running && call === this.#running) {
			this.#leavings?.remove(Number.POSITIVE_INFINITY); // nobody has timed it
			const pending = this.#fail(this.#running, error, performance.now());
			if (pending) pending.then(() => this.#serve());
			else this.#serve();
		}
		this.#many?.stray(call, error);
		const { message, stack } = describe(error);
		this.#lane.send(
			jsonFrame(Kind.STRAY, {
				requestId: call?.requestId ?? null,
				message,
				...(stack && { stack }),
			}),
		);
	}
}

/**
 * @param {OpenCall[]} calls
 * @returns {OpenBatch}
 */
function batchOf(calls) {
	const last = /** @type {OpenCall} */ (calls.at(-1));
	return {
		id: last.id,
		calls,
		requestId: calls.length === 1 ? last.requestId : null,
	};
}

/** @param {unknown} value */
const isAsyncFunction = (value) =>
	/** @type {object | undefined} */ (value)?.constructor.name ===
	"AsyncFunction";
