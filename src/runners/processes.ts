import { join } from "node:path";
import type { KillCause } from "../events.ts";
import type { Load } from "../protocol/messages.ts";
import { API_INSIDE, ApiGate } from "./containment/api-gate.ts";
import { maxTasks } from "./containment/limits.ts";
import type { OwnFolders } from "./containment/own-folder.ts";
import type { LaunchIn } from "./containment/wrap.ts";
import { Lane, type LaneOwner } from "./lane.ts";
import type { Launch } from "./launch.ts";
import type { WorkerKeys } from "./worker-keys.ts";
import { WorkerProcess } from "./worker-process.ts";

/** What an empty Node process takes, beyond what its workers may hold. */
const PROCESS_OVERHEAD_MB = 160;
const WATCH_MS = 100;
/** V8 collects late on a busy machine, see MemoryWatch: what a worker may take for a bound of `memoryMb`. */
const lenientMb = (memoryMb: number): number => memoryMb * 1.5 + 128;

/** What all workers of a version load; the environment is each one's own. */
export type VersionLoad = Omit<Load, "env" | "loadEnv">;

/** The worker processes of one version: one that all workers share, or one for each. */
export class Processes {
	readonly #folders: OwnFolders;
	readonly #keys: WorkerKeys;
	readonly #load: VersionLoad;
	/** How they are started; none starts before that is known. */
	launch: LaunchIn | undefined;
	readonly #isShared: boolean;
	readonly #maxWorkers: number;
	readonly #owner: LaneOwner & { onProcessGone(): void };
	readonly #lanes = new Map<WorkerProcess, Set<Lane>>();
	readonly #overLimit = new WeakSet<WorkerProcess>();
	#nextLane = 1;
	/** How each was started. */
	readonly #launches = new WeakMap<WorkerProcess, Launch>();
	#watchedAt = 0;

	constructor(
		folders: OwnFolders,
		keys: WorkerKeys,
		options: {
			load: VersionLoad;
			/** Whether all workers are in one process. */
			isShared: boolean;
			maxWorkers: number;
		},
		owner: LaneOwner & { onProcessGone(): void },
	) {
		this.#folders = folders;
		this.#keys = keys;
		this.#load = options.load;
		this.#isShared = options.isShared;
		this.#maxWorkers = options.isShared ? options.maxWorkers : 1;
		this.#owner = owner;
	}

	get size(): number {
		return this.#lanes.size;
	}

	/** Whether a worker may start: it would land where nothing is being ended, which takes half a second at most. */
	get isSteady(): boolean {
		if (!this.launch) return false;
		if (!this.#isShared) return true;
		for (const process of this.#lanes.keys())
			if (!process.isSteady) return false;
		return true;
	}

	/**
	 * Starts a worker.
	 * @throws Error: it is not known how
	 */
	open(): Lane {
		const process = this.#processForWorker();
		const lane = new Lane(this.#nextLane++, process, this.#owner);
		this.#lanes.get(process)?.add(lane);
		const token = process.expect((connection) => lane.connected(connection));
		const { algorithm, fork } = this.#load;
		const own = { ...this.#tempOf(lane), ...this.#apiOf(process) };
		const env = { ...this.#keys.issue({ lane, algorithm }), ...own };
		const loadEnv = fork
			? { ...this.#keys.issue({ lane, algorithm, isForLoad: true }), ...own }
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

	/** A worker is gone; if it held too much, its process gets no other, unless its memory was its own. */
	forget(lane: Lane, cause: KillCause | "ended"): void {
		this.#keys.revoke(lane);
		this.#lanes.get(lane.process)?.delete(lane);
		if (cause === "memory" && !this.#load.fork) lane.process.isSpent = true;
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

	/** Every few milliseconds while a worker starts or runs: looks after what they hold now and then. */
	tick(now: number): void {
		if (now - this.#watchedAt <= WATCH_MS) return;
		this.#watchedAt = now;
		void this.#watch();
	}

	/** Workers that share a process have a temporary folder each. */
	#tempOf({ process, number }: Lane): Record<string, string> {
		const folder = this.#launches.get(process)?.workersTemp;
		if (folder === undefined || !this.#isShared) return {};
		return { TMPDIR: join(folder, `worker-${number}`) };
	}

	#apiOf(process: WorkerProcess): Record<string, string> {
		return this.#launches.get(process)?.apiSocket && this.#keys.apiUrl
			? { ALGORITHMIA_API: API_INSIDE }
			: {};
	}

	#processForWorker(): WorkerProcess {
		if (this.#isShared)
			for (const process of this.#lanes.keys())
				if (!process.isGone && !process.isSpent) return process;
		const laneOf = (number: number) =>
			[...(this.#lanes.get(process) ?? [])].find(
				(lane) => lane.number === number,
			);
		const own = this.#folders.make();
		if (!this.launch) throw new Error("it is not known how to start a worker");
		const launch = this.launch(own);
		const gate =
			launch.apiSocket &&
			new ApiGate(launch.apiSocket, () => this.#keys.apiUrl);
		const process: WorkerProcess = new WorkerProcess(
			own,
			launch,
			this.#load.memoryMb,
			{
				onRecalled: (message) => laneOf(message.lane)?.recalled(message),
				onRest: (lane, outcomes) => laneOf(lane)?.rest(outcomes),
				onEnded: (message) => laneOf(message.lane)?.ended(message),
				onExit: (exit) => {
					if (gate) gate.close();
					this.#folders.remove(own, process.root);
					const lanes = [...(this.#lanes.get(process) ?? [])];
					this.#lanes.delete(process);
					const isRunning = ({ state }: Lane) =>
						state === "busy" || state === "ending";
					const running = lanes.filter(isRunning);
					const hasServed = lanes.some(({ state }) => state !== "starting");
					for (const lane of lanes)
						lane.processExited(exit, {
							isBystander:
								!running.includes(lane) &&
								(running.length > 0 ||
									(lane.state === "starting" && hasServed)),
							isSuspect: running.includes(lane) && running.length === 1,
						});
					this.#owner.onProcessGone();
				},
				onOutput: (text) => this.#owner.onOutput({ requestId: null, text }),
			},
		);
		this.#lanes.set(process, new Set());
		this.#launches.set(process, launch);
		return process;
	}

	/**
	 * Ends the processes that hold more than all their workers may, for what no thread can be asked about, and those
	 * that breed.
	 * Two readings in a row count, or one far above: freed pages take a moment to go.
	 */
	async #watch(): Promise<void> {
		for (const [process, lanes] of this.#lanes) {
			const limitBytes =
				(PROCESS_OVERHEAD_MB + lanes.size * lenientMb(this.#load.memoryMb)) *
				2 ** 20;
			const most = maxTasks(this.#maxWorkers);
			const { bytes, tasks } = await process.held(limitBytes, most);
			const wasOver = this.#overLimit.has(process);
			if (tasks > most) process.kill("processes");
			else if (bytes <= limitBytes) this.#overLimit.delete(process);
			else if (wasOver || bytes > 2 * limitBytes) process.kill("memory");
			else this.#overLimit.add(process);
		}
	}
}
