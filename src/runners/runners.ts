import { mkdir, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AlgoError, shuttingDown } from "../errors.ts";
import type { Events } from "../events.ts";
import {
	Containment,
	type ContainmentOptions,
} from "./containment/containment.ts";
import { OwnFolders, removeTree } from "./containment/own-folder.ts";
import type { CrewOptions } from "./crew-owner.ts";
import type { MicroBatch } from "./micro-batch.ts";
import { Runner } from "./runner.ts";
import { Traffic } from "./traffic.ts";
import { WorkerBudget } from "./worker-budget.ts";
import { WorkerKeys } from "./worker-keys.ts";

const TICK_MS = 10;
const IDLE_TICK_MS = 1000;
/** Of a Unix socket's address, less what the system may add. */
const MAX_SOCKET_PATH = 100;
/** Of a worker process, in the run folder. */
const LONGEST_SOCKET = "1000000/lanes";

/** The runners of all versions, and what they share: a run folder, walls, a budget of workers, a clock. */
export class Runners {
	readonly #events: Events;
	readonly keys = new WorkerKeys();
	readonly containment: Containment;
	readonly #folders: OwnFolders;
	readonly #budget: WorkerBudget;
	readonly #traffic = new Traffic();
	readonly #runners = new Set<Runner>();
	#ticker: NodeJS.Timeout | undefined;
	readonly #idleTicker: NodeJS.Timeout;

	private constructor(
		folders: OwnFolders,
		containment: Containment,
		options: { events: Events; maxWorkersTotal: number },
	) {
		this.#folders = folders;
		this.containment = containment;
		this.#events = options.events;
		this.#budget = new WorkerBudget(options.maxWorkersTotal);
		this.#idleTicker = setInterval(() => this.#endIdle(), IDLE_TICK_MS);
		this.#idleTicker.unref();
	}

	/**
	 * @param options.stateFolder absolute; sockets lie under it, or under the system's temporary folder if that
	 *   address is too long
	 * @throws Error of Containment.open
	 */
	static async open(options: {
		stateFolder: string;
		events: Events;
		maxWorkersTotal: number;
		containment: Omit<ContainmentOptions, "folders">;
	}): Promise<Runners> {
		const runFolder = join(options.stateFolder, "run");
		await mkdir(runFolder, { recursive: true });
		await removeLeftovers(runFolder);
		const own = join(runFolder, String(process.pid));
		const folder =
			join(own, LONGEST_SOCKET).length <= MAX_SOCKET_PATH
				? own
				: join(tmpdir(), `applyd-${process.pid}`);
		await removeTree(folder);
		await mkdir(folder, { mode: 0o700 });
		const folders = new OwnFolders(folder);
		const containment = await Containment.open({
			...options.containment,
			folders,
		}).catch(async (error) => {
			await folders.close();
			throw error;
		});
		options.events.emit("containment", {
			up: [...containment.up],
			missing: Object.fromEntries(containment.missing),
		});
		return new Runners(folders, containment, options);
	}

	get all(): ReadonlySet<Runner> {
		return this.#runners;
	}

	create(options: CrewOptions, microBatch?: MicroBatch): Runner {
		const runner = new Runner(
			{
				folders: this.#folders,
				keys: this.keys,
				budget: this.#budget,
				traffic: this.#traffic,
				events: this.#events,
			},
			options,
			microBatch,
		);
		this.#runners.add(runner);
		return runner;
	}

	/** Lets a runner end what it has, on its own code, and forgets it then. */
	async retire(runner: Runner): Promise<void> {
		this.keepTime();
		await runner.retire();
		this.#runners.delete(runner);
	}

	/** Called with each call: the clock runs only while something is under way. */
	keepTime(): void {
		this.#ticker ??= setInterval(() => this.#tick(), TICK_MS);
	}

	async close(error: AlgoError = shuttingDown()): Promise<void> {
		clearInterval(this.#idleTicker);
		const gone = [...this.#runners].map((runner) => {
			const retired = this.retire(runner);
			runner.close(error);
			return retired;
		});
		await Promise.all(gone);
		clearInterval(this.#ticker);
		await this.#folders.close();
	}

	#tick(): void {
		const now = performance.now();
		let isIdle = true;
		for (const runner of this.#runners) {
			if (runner.isIdle) continue;
			isIdle = false;
			runner.tick(now);
		}
		if (!isIdle) return;
		clearInterval(this.#ticker);
		this.#ticker = undefined;
	}

	#endIdle(): void {
		const now = performance.now();
		for (const runner of this.#runners) runner.endIdle(now);
	}
}

/** Folders of servers that were killed: their processes are gone, or go as soon as they find their server gone. */
async function removeLeftovers(runFolder: string): Promise<void> {
	for (const name of await readdir(runFolder)) {
		if (!isAlive(Number(name)))
			await removeTree(join(runFolder, name)).catch(() => {});
	}
}

function isAlive(pid: number): boolean {
	try {
		return pid > 0 && process.kill(pid, 0);
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === "EPERM";
	}
}
