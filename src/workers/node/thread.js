// A worker: a thread that loads one version and serves its lane until it is ended.
import { jsonFrame, Kind, PROTOCOL, readCalls } from "../../protocol/frames.js";
import { readSlice } from "../../protocol/slice-frames.js";
import { Asks } from "./asks.js";
import { makeBench } from "./bench.js";
import { refusedFrame } from "./envelope.js";
import { describe, TypedError } from "./errors.js";
import { Lane } from "./lane.js";
import { Leavings } from "./leavings.js";
import { MicroBatch } from "./micro-batch.js";
import { Outbox } from "./outbox.js";
import { then } from "./outcomes.js";
import { captureOutput, currentCall, Output } from "./output.js";
import { SingleCall } from "./single-call.js";
import { Slice } from "./slice.js";
import { Turn } from "./turn.js";

/**
 * @typedef {import("./open-call.js").OpenCall} OpenCall
 * @typedef {import("./bench.js").Open} Open
 * @typedef {object} Task what the process's main thread hands to a new worker
 * @property {string} socketPath
 * @property {import("../../protocol/messages.ts").Open} open
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
	/** What has come and has not started. @type {Open[]} */
	#waiting = [];
	/** @type {SingleCall | Slice | MicroBatch | undefined} */
	#running;
	/** Once it has loaded. @type {import("./bench.js").Bench | undefined} */
	#bench;
	#isBusy = false;
	/** @type {Output | undefined} */
	#loadOutput;

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
			this.#bench = await makeBench({
				lane: this.#lane,
				turn: this.#turn,
				outbox: this.#outbox,
				asks: this.#asks,
				load: this.#load,
				onEnd: (open, runMs) => this.#ended(open, runMs),
			});
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
		this.#leavings?.loaded();
		this.#lane.send(
			jsonFrame(Kind.READY, {
				loadMs: performance.now() - started,
				isBatch: this.#bench.module.applyBatch !== undefined,
			}),
		);
	}

	/**
	 * @param {number} kind
	 * @param {Buffer} payload
	 */
	receive(kind, payload) {
		if (kind === Kind.CALLS) this.#take(readCalls(payload));
		else if (kind === Kind.SLICE) this.#take([readSlice(payload)]);
		else if (kind === Kind.BATCH) this.#take([batchOf(readCalls(payload))]);
		else if (kind === Kind.ANSWER) this.#asks.answered(payload);
		else if (kind === Kind.CANCEL)
			this.#running?.cancel(JSON.parse(payload.toString()).call);
	}

	/** @param {Open[]} opens */
	#take(opens) {
		this.#waiting.push(...opens);
		if (!this.#isBusy) this.#serve();
	}

	/** Serves what waits, one at a time, without a promise as long as all answers come at once. */
	#serve() {
		if (this.#running) return; // an earlier call was ended by a stray exception, and its promise settles only now
		this.#isBusy = true;
		for (let open = this.#waiting.shift(); open; open = this.#waiting.shift()) {
			if (!this.#turn.start(open.id)) continue;
			const pending = this.#run(open);
			if (pending) {
				pending.then(() => this.#serve());
				return;
			}
		}
		this.#isBusy = false;
	}

	/**
	 * @param {Open} open
	 * @returns {PromiseLike<void> | undefined} nothing if it is over already
	 */
	#run(open) {
		if (this.#loadOutput) open.output = this.#loadOutput; // for the first call (api-contract §3.9)
		this.#loadOutput = undefined;
		this.#leavings?.begin();
		const running = this.#begin(open);
		this.#running = running;
		try {
			return running.serve();
		} catch (error) {
			const { message } = describe(error);
			this.#running = undefined;
			this.#lane.send(refusedFrame(open.id, message));
			return undefined;
		}
	}

	/** @param {Open} open */
	#begin(open) {
		const bench = /** @type {import("./bench.js").Bench} */ (this.#bench);
		if ("count" in open) return new Slice(bench, open);
		if ("calls" in open) return new MicroBatch(bench, open);
		return new SingleCall(bench, open);
	}

	/**
	 * @param {Open} open
	 * @param {number} runMs
	 */
	#ended({ requestId, output }, runMs) {
		this.#running = undefined;
		if (output && !output.isEmpty) this.#sendOutput(requestId, output.text);
		this.#leavings?.remove(runMs); // before the answer: who has it may look
	}

	/** @param {Buffer} bytes printed outside any call, or after its end */
	#unclaimed(bytes) {
		if (!this.#bench) {
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
	 * An exception or rejection that nobody caught. If it comes from what runs, it is that call's or item's
	 * error; if from an earlier call, its caller has been answered and only the server's log hears of it.
	 * @param {unknown} error
	 */
	#stray(error) {
		const call = currentCall.getStore();
		const running = this.#running;
		running?.stray(call, error);
		const isOver = running && !this.#running; // a single call ends at once; a slice or a batch goes on by itself
		if (isOver) then(this.#lane.drained(), () => this.#serve());
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
 * @returns {import("./open-call.js").OpenBatch}
 */
function batchOf(calls) {
	const last = /** @type {OpenCall} */ (calls.at(-1));
	return {
		id: last.id,
		calls,
		requestId: calls.length === 1 ? last.requestId : null,
	};
}
