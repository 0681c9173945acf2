import type { AlgoError } from "../errors.ts";
import type { Events } from "../events.ts";
import type { Call } from "./call.ts";
import type { OwnFolders } from "./containment/own-folder.ts";
import type { LaunchIn } from "./containment/wrap.ts";
import type { LaneOwner } from "./lane.ts";
import type { VersionLoad } from "./processes.ts";
import type { Traffic } from "./traffic.ts";
import type { WorkerBudget } from "./worker-budget.ts";
import type { WorkerKeys } from "./worker-keys.ts";

/** What a crew must know of its version. */
export interface CrewOptions {
	load: VersionLoad;
	launch: Promise<LaunchIn>;
	/** Whether all workers are in one process. */
	isShared: boolean;
	minWorkers: number;
	maxWorkers: number;
	idleMs: number;
	loadTimeoutMs: number;
	/** Answers what code of this version asks for, in a call or while it loads. */
	onAsk: LaneOwner["onAsk"];
}

/** What all crews share. */
export interface CrewHouse {
	folders: OwnFolders;
	keys: WorkerKeys;
	budget: WorkerBudget;
	traffic: Traffic;
	events: Events;
}

/** Whose calls a crew serves. */
export interface CrewOwner {
	/** Calls and slices that wait for a worker. */
	readonly waiting: number;
	/** Those, what nobody waits for, and what will still come. */
	readonly wanted: number;
	/** How deep in its tree the first of them is. */
	readonly depth: number;
	/** A worker can take calls, or one has gone. */
	dispatch(): void;
	/** These calls have not started and want another worker. */
	onReturned(calls: Call[]): void;
	/** The version does not load: there is nobody to wait for. */
	failWaiting(error: AlgoError): void;
}
