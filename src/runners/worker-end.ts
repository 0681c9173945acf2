import { type AlgoError, exited, outOfMemory } from "../errors.ts";
import type { KillCause } from "../events.ts";
import type { Ended } from "../protocol/messages.ts";
import type { ProcessExit } from "./worker-process.ts";

/** What ran in a process that is gone, beside this worker or instead of it. */
export interface Company {
	/** This worker ran nothing, and another one did. */
	isBystander: boolean;
	/** No other worker ran anything. */
	isSuspect: boolean;
}

/** What is known of how a worker ends: the first cause counts. */
export class WorkerEnd {
	/** Why we end it. */
	killCause: KillCause | "ended" | undefined;
	/** Why it never came up. */
	failure: AlgoError | undefined;
	/** Its process is gone, and no other worker ran there. */
	isSuspect = false;
	/** Whether it counts against its version: not if a slice had it, whose run counts by itself, or a worker beside it was to blame. */
	counts = true;
	/** As its process says, or as we say for a process that is gone. */
	told: Ended | undefined;

	/** The process is gone. @param isStarting the worker has not come up */
	processExited(
		lane: number,
		{ exitCode, cause }: ProcessExit,
		{ isBystander, isSuspect }: Company,
		isStarting: boolean,
	): void {
		this.isSuspect = isSuspect;
		this.counts = !isBystander;
		this.killCause ??= cause;
		if (isBystander && isStarting)
			this.told ??= { lane, cause: "ended", started: -1, exitCode };
		else {
			const own = cause === "memory" ? "memory" : "exit";
			this.told ??= { lane, cause: own, started: -1, exitCode };
		}
	}
}

/** What calls fail with whose worker has ended. */
export const errorOf = ({ cause, exitCode }: Ended): AlgoError =>
	cause === "memory" ? outOfMemory() : exited(exitCode);
