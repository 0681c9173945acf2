import type { KillCause } from "../events.ts";
import type { Load } from "../protocol/messages.ts";
import { Lane, type LaneOwner } from "./lane.ts";
import type { LaneListener } from "./lane-listener.ts";
import type { Launch } from "./launch.ts";
import type { WorkerKeys } from "./worker-keys.ts";
import { WorkerProcess } from "./worker-process.ts";

/** What an empty Node process takes, beyond what its workers may hold. */
const PROCESS_OVERHEAD_MB = 160;
const RESIDENT_POLL_MS = 100;
/** V8 collects late on a busy machine, see MemoryWatch: what a worker may take for a bound of `memoryMb`. */
const lenientMb = (memoryMb: number): number => memoryMb * 1.5 + 128;

/** What all workers of a version load; the environment is each one's own. */
export type VersionLoad = Omit<Load, "env" | "loadEnv">;

/** The worker processes of one version: one that all workers share, or one for each. */
export class Processes {
	readonly #listener: LaneListener;
	readonly #keys: WorkerKeys;
	readonly #load: VersionLoad;
	readonly #launch: Launch;
	readonly #isShared: boolean;
	readonly #owner: LaneOwner & { onProcessGone(): void };
	readonly #lanes = new Map<WorkerProcess, Set<Lane>>();
	readonly #overLimit = new WeakSet<WorkerProcess>();
	#nextLane = 1;
	#residentPolledAt = 0;

	constructor(
		listener: LaneListener,
		keys: WorkerKeys,
		options: {
			load: VersionLoad;
			launch: Launch;
			/** Whether all workers are in one process. */
			isShared: boolean;
		},
		owner: LaneOwner & { onProcessGone(): void },
	) {
		this.#listener = listener;
		this.#keys = keys;
		this.#load = options.load;
		this.#launch = options.launch;
		this.#isShared = options.isShared;
		this.#owner = owner;
	}

	get size(): number {
		return this.#lanes.size;
	}

	/** Whether a new worker would land where nothing is being ended; that takes half a second at most. */
	get isSteady(): boolean {
		if (!this.#isShared) return true;
		for (const process of this.#lanes.keys())
			if (!process.isSteady) return false;
		return true;
	}

	/** Starts a worker. */
	open(): Lane {
		const process = this.#processForWorker();
		const lane = new Lane(this.#nextLane++, process, this.#owner);
		this.#lanes.get(process)?.add(lane);
		const token = this.#listener.expect((connection) =>
			lane.connected(connection),
		);
		const { algorithm, fork } = this.#load;
		const env = this.#keys.issue({ lane, algorithm });
		const loadEnv = fork
			? this.#keys.issue({ lane, algorithm, isForLoad: true })
			: env;
		const load = { ...this.#load, env, loadEnv };
		process.open({ lane: lane.number, token, load });
		return lane;
	}

	/** Whether no other worker of its process runs a call. */
	isAlone(lane: Lane): boolean {
		for (const other of this.#lanes.get(lane.process) ?? [])
			if (other !== lane && other.state === "busy") return false;
		return true;
	}

	/** A worker is gone; if it held too much, its process gets no other. */
	forget(lane: Lane, cause: KillCause | "ended"): void {
		this.#keys.revoke(lane);
		this.#lanes.get(lane.process)?.delete(lane);
		if (cause === "memory") lane.process.isSpent = true;
	}

	/** Ends the processes that have no worker. */
	endEmpty(): void {
		for (const [process, lanes] of this.#lanes)
			if (lanes.size === 0) process.kill("ended");
	}

	/** Ends them all, with everything in them. */
	kill(cause: KillCause | "ended"): void {
		for (const process of this.#lanes.keys()) process.kill(cause);
	}

	/** Every few milliseconds while a worker starts or runs: looks after their memory now and then. */
	tick(now: number): void {
		if (now - this.#residentPolledAt <= RESIDENT_POLL_MS) return;
		this.#residentPolledAt = now;
		void this.#watchMemory();
	}

	#processForWorker(): WorkerProcess {
		if (this.#isShared)
			for (const process of this.#lanes.keys())
				if (!process.isGone && !process.isSpent) return process;
		const laneOf = (number: number) =>
			[...(this.#lanes.get(process) ?? [])].find(
				(lane) => lane.number === number,
			);
		const process: WorkerProcess = new WorkerProcess(
			this.#listener,
			this.#launch,
			this.#load.memoryMb,
			{
				onRecalled: (message) => laneOf(message.lane)?.recalled(message),
				onEnded: (message) => laneOf(message.lane)?.ended(message),
				onExit: (exit) => {
					const lanes = [...(this.#lanes.get(process) ?? [])];
					this.#lanes.delete(process);
					const hasRun = lanes.some(({ state }) => state !== "starting");
					for (const lane of lanes)
						lane.processExited(exit, hasRun && lane.state === "starting");
					this.#owner.onProcessGone();
				},
				onOutput: (text) => this.#owner.onOutput({ requestId: null, text }),
			},
		);
		this.#lanes.set(process, new Set());
		return process;
	}

	/**
	 * Ends the processes that hold more than all their workers may, for what no thread can be asked about.
	 * Two readings in a row count, or one far above: freed pages take a moment to go.
	 */
	async #watchMemory(): Promise<void> {
		for (const [process, lanes] of this.#lanes) {
			const limitMb =
				PROCESS_OVERHEAD_MB + lanes.size * lenientMb(this.#load.memoryMb);
			const residentMb = (await process.residentBytes()) / 2 ** 20;
			const wasOver = this.#overLimit.has(process);
			if (residentMb <= limitMb) this.#overLimit.delete(process);
			else if (wasOver || residentMb > 2 * limitMb) process.kill("memory");
			else this.#overLimit.add(process);
		}
	}
}
