import { AlgoError, type ErrorCode, exited, outOfMemory } from "../errors.ts";
import type { KillCause } from "../events.ts";
import type { Ended, Failed } from "../protocol/messages.ts";
import type { Call } from "./call.ts";
import type { Connection } from "./connection.ts";
import { Slice } from "./slice.ts";
import type { ProcessExit, WorkerProcess } from "./worker-process.ts";

/** An ended thread that is still there after this takes its process with it. */
const END_GRACE_MS = 100;
/** As long as calls of others run in the same process: they would end with it. */
const SHARED_END_GRACE_MS = 500;
/** Nobody ended the worker, and its lane is closed: its process says why when the memory that it held is free. */
const CLOSED_GRACE_MS = 1000;

/** What ran in a process that is gone, beside this worker or instead of it. */
export interface Company {
	/** This worker ran nothing, and another one did. */
	isBystander: boolean;
	/** No other worker ran anything. */
	isSuspect: boolean;
}

/** Whose end it is. */
export interface EndingWorker {
	/** Of its lane. */
	number: number;
	process: WorkerProcess;
	/** Whether no other worker of its process runs a call. */
	isAlone(): boolean;
	/** Once: it is gone, and everything that it wrote has been read. */
	onOver(ended: Ended): void;
}

/** How a worker ends, and what is known of it: the first cause counts, and what does not end in time takes its process with it. */
export class WorkerEnd {
	/** Why we end it. */
	killCause: KillCause | "ended" | undefined;
	/** Why it never came up. */
	failure: AlgoError | undefined;
	/** Its process is gone, and no other worker ran there. */
	#isSuspect = false;
	#counts = true;
	readonly #worker: EndingWorker;
	#connection: Connection | undefined;
	#isClosed = false;
	/** As its process says, or as we say for a process that is gone. */
	#told: Ended | undefined;
	#isOurs = false;
	#isOver = false;

	constructor(worker: EndingWorker) {
		this.#worker = worker;
	}

	/** Whether it counts against its version: not if a slice had it, whose run counts by itself, or a worker beside it was to blame. */
	get counts(): boolean {
		return this.#counts;
	}

	/** Whether its connection has been there, and is closed. */
	get isClosed(): boolean {
		return this.#isClosed;
	}

	connected(connection: Connection): void {
		this.#connection = connection;
		connection.onClose = () => this.#closed();
	}

	/** We end it. */
	begin(cause: KillCause | "ended"): void {
		this.#isOurs = true;
		if (cause !== "ended") this.killCause ??= cause;
		this.#worker.process.end(this.#worker.number);
		this.killProcessUnless(() => this.#isOver);
	}

	/** It is gone, its process says; what it wrote before may still be on its way to us. */
	told(message: Ended): void {
		this.#told ??= message;
		this.#settleWhenRead();
		// A process that its code has left behind may still hold the lane.
		this.killProcessUnless(() => this.#isOver);
	}

	/** The process is gone. @param isStarting the worker has not come up */
	processExited(
		{ exitCode, cause, fault }: ProcessExit,
		{ isBystander, isSuspect }: Company,
		isStarting: boolean,
	): void {
		const lane = this.#worker.number;
		if (fault !== undefined) this.failure ??= loadingFailed({ message: fault });
		this.#isSuspect = isSuspect;
		this.#counts = !isBystander;
		this.killCause ??= cause;
		if (isBystander && isStarting)
			this.#told ??= { lane, cause: "ended", started: -1, exitCode };
		else {
			const own = cause === "memory" ? "memory" : "exit";
			this.#told ??= { lane, cause: own, started: -1, exitCode };
		}
		this.#settleWhenRead();
		setTimeout(() => this.#connection?.close(), CLOSED_GRACE_MS).unref();
	}

	/** These calls end with it. */
	blame(calls: readonly Call[], ended: Ended, runMs: number): void {
		const { hasLostLane = false } = ended;
		const isTold = hasWord(ended);
		const error = errorOf(ended);
		for (const call of calls) {
			if (call instanceof Slice) {
				this.#counts = false;
				call.died({ isTold, isSuspect: this.#isSuspect, hasLostLane });
			}
			call.finish({ kind: "failed", error, runMs });
		}
	}

	/** Looks once more after what has arrived meanwhile: on a busy machine a timer can be earlier than an answer. */
	killProcessUnless(
		isDone: () => boolean,
		graceMs = this.#worker.isAlone() ? END_GRACE_MS : SHARED_END_GRACE_MS,
	): void {
		const killUnless = () => {
			if (!isDone()) this.#worker.process.kill(this.killCause ?? "exit");
		};
		setTimeout(() => setImmediate(killUnless), graceMs);
	}

	#closed(): void {
		this.#isClosed = true;
		if (this.#told) this.#settleWhenRead();
		else {
			const graceMs = this.#isOurs ? undefined : CLOSED_GRACE_MS;
			this.killProcessUnless(() => this.#told !== undefined, graceMs);
		}
	}

	#settleWhenRead(): void {
		const isRead = this.#isClosed || !this.#connection;
		if (!this.#told || !isRead || this.#isOver) return;
		this.#isOver = true;
		this.#connection?.close();
		this.#worker.onOver(this.#told);
	}
}

/**
 * Which of the calls that a worker leaves behind had started: the first ones. Without the worker's own word the first is
 * taken for the one that ran.
 * @param calls in order
 */
export function blamedOf(calls: readonly Call[], ended: Ended): Call[] {
	const lastStarted = hasWord(ended) ? ended.started : (calls[0]?.id ?? 0);
	return calls.filter(({ id }) => id <= lastStarted);
}

const hasWord = ({ started }: Ended) => started >= 0;

/** What calls fail with whose worker has ended. */
export const errorOf = ({ cause, exitCode }: Ended): AlgoError =>
	cause === "memory" ? outOfMemory() : exited(exitCode);

export function loadingFailed({ message, stack }: Failed): AlgoError {
	return new AlgoError("LOADING_FAILED", message, { stack });
}

/** @param endedBy why a call is over before its outcome */
export function killCauseOf(endedBy: ErrorCode | undefined): KillCause {
	if (endedBy === "CLIENT_GONE" || endedBy === "PARENT_OVER")
		return "client-gone";
	return endedBy === "SHUTTING_DOWN" ? "shutdown" : "timeout";
}
