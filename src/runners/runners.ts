import { mkdir, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AlgoError, shuttingDown } from "../errors.ts";
import type { Events } from "../events.ts";
import type { CrewOptions } from "./crew.ts";
import { LaneListener } from "./lane-listener.ts";
import { Runner } from "./runner.ts";
import { WorkerBudget } from "./worker-budget.ts";
import { WorkerKeys } from "./worker-keys.ts";

const TICK_MS = 10;
const IDLE_TICK_MS = 1000;
/** Of a Unix socket's address, less what the system may add. */
const MAX_SOCKET_PATH = 100;

/** The runners of all versions, and what they share: a socket, a budget of workers, a clock. */
export class Runners {
	readonly #events: Events;
	readonly keys = new WorkerKeys();
	readonly #lanes: LaneListener;
	readonly #folder: string;
	readonly #budget: WorkerBudget;
	readonly #runners = new Set<Runner>();
	#ticker: NodeJS.Timeout | undefined;
	readonly #idleTicker: NodeJS.Timeout;

	private constructor(
		lanes: LaneListener,
		folder: string,
		options: { events: Events; maxWorkersTotal: number },
	) {
		this.#lanes = lanes;
		this.#folder = folder;
		this.#events = options.events;
		this.#budget = new WorkerBudget(options.maxWorkersTotal);
		this.#idleTicker = setInterval(() => this.#endIdle(), IDLE_TICK_MS);
		this.#idleTicker.unref();
	}

	/** @param options.stateFolder absolute; the socket lies under it, or under the system's temporary folder if that address is too long */
	static async open(options: {
		stateFolder: string;
		events: Events;
		maxWorkersTotal: number;
	}): Promise<Runners> {
		const runFolder = join(options.stateFolder, "run");
		await mkdir(runFolder, { recursive: true });
		await removeLeftovers(runFolder);
		const own = join(runFolder, String(process.pid));
		const folder =
			join(own, "lanes").length <= MAX_SOCKET_PATH
				? own
				: join(tmpdir(), `applyd-${process.pid}`);
		await rm(folder, { recursive: true, force: true });
		await mkdir(folder, { mode: 0o700 });
		return new Runners(
			await LaneListener.open(join(folder, "lanes")),
			folder,
			options,
		);
	}

	get all(): ReadonlySet<Runner> {
		return this.#runners;
	}

	create(options: CrewOptions): Runner {
		const runner = new Runner(
			{
				lanes: this.#lanes,
				keys: this.keys,
				budget: this.#budget,
				events: this.#events,
			},
			options,
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
		this.#lanes.close();
		await rm(this.#folder, { recursive: true, force: true });
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
			await rm(join(runFolder, name), { recursive: true, force: true });
	}
}

function isAlive(pid: number): boolean {
	try {
		return pid > 0 && process.kill(pid, 0);
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === "EPERM";
	}
}
