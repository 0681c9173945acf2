import { access, mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { localCaller, ownerOf } from "./accounts/caller.ts";
import type { Actor } from "./apply/actor.ts";
import { Apply } from "./apply/apply.ts";
import type { ItemsRequest } from "./apply/items-request.ts";
import { LineRun, type LinesRequest } from "./apply/line-run.ts";
import type { ApplyRequest } from "./apply/request.ts";
import { asksForKeys, type Config, wantedWalls } from "./config/config.ts";
import { Data } from "./data/data.ts";
import { Events } from "./events.ts";
import { Jobs } from "./jobs/jobs.ts";
import { Listeners } from "./listeners/listeners.ts";
import { Registry } from "./registry/registry.ts";
import type { Stray, Version } from "./registry/version.ts";
import type { Outcome } from "./runners/outcome.ts";
import type { Runner } from "./runners/runner.ts";
import { Runners } from "./runners/runners.ts";
import type { Store } from "./store/store.ts";

/** Whoever started a call can end it; it then has an outcome at once. */
export type RunningCall = ReturnType<Apply["start"]>;

/** Hosts algorithms and runs them. It knows no HTTP. */
export class Engine {
	readonly config: Config;
	readonly events: Events;
	/** Files and collections, `data://`. */
	readonly data: Data;
	/** Absent without a store. */
	readonly jobs: Jobs | undefined;
	/** Absent without a store. */
	readonly listeners: Listeners | undefined;
	readonly #registry: Registry;
	readonly #runners: Runners;
	readonly #apply: Apply;
	#closed: Promise<void> | undefined;

	private constructor(
		config: Config,
		events: Events,
		registry: Registry,
		runners: Runners,
		data: Data,
		store: Store | undefined,
	) {
		this.config = config;
		this.events = events;
		this.data = data;
		this.#runners = runners;
		this.#registry = registry;
		this.#apply = new Apply({
			registry,
			runners,
			data,
			events,
			maxSessions: config.maxSessions,
			maxQueue: config.maxQueue,
			maxWorkers: config.maxWorkers,
			idleMs: config.idleSeconds * 1000,
			isolation: config.isolation,
			memoryMb: config.memoryMb,
			maxInputBytes: config.maxInputBytes,
			maxOutputBytes: config.maxOutputBytes,
			timeoutMs: config.timeoutSeconds * 1000,
			maxTimeoutMs: config.maxTimeoutSeconds * 1000,
			loadTimeoutMs: config.loadTimeoutSeconds * 1000,
			sendOutput: config.logLevel === "debug" || config.logLevel === "trace",
		});
		this.jobs =
			store &&
			new Jobs({
				store,
				data,
				apply: this.#apply,
				refresh: () => registry.refresh(),
				stateFolder: config.state,
				maxInputBytes: config.maxInputBytes,
				maxTimeoutSeconds: config.maxTimeoutSeconds,
				retentionDays: config.jobRetentionDays,
				onJob: (event) => events.emit("job", event),
				onFault: (error) => events.emit("fault", { where: "jobs", error }),
			});
		this.listeners =
			store &&
			new Listeners({
				store: store.listeners,
				file: config.listeners,
				account: config.account,
				maxTimeoutSeconds: config.maxTimeoutSeconds,
				maxInputBytes: config.maxInputBytes,
				apply: this.#apply,
				data,
				events,
				refresh: async () => {
					if (registry.isStale) await registry.refresh();
				},
				callerOf: (account) =>
					!asksForKeys(config) && isSame(account, config.account)
						? localCaller(config.account)
						: ownerOf(account),
			});
	}

	/**
	 * Reads the algorithms and opens what workers connect to.
	 * @param store where jobs are kept; stays open when the engine closes
	 * @throws Error: a root is not there, the state folder cannot be written, the data store cannot be used, a wall
	 *   that was asked for by name cannot be had; UsageError for a bad listeners file
	 */
	static async start(
		config: Config,
		events = new Events(),
		store?: Store,
	): Promise<Engine> {
		for (const root of config.algorithms)
			await access(root).catch(() => {
				throw new Error(
					`the algorithms root ${root} is not there; name another with --algorithms, or make a first algorithm in it with applyd init OWNER/NAME`,
				);
			});
		await mkdir(config.state, { recursive: true });
		const data = await Data.open({
			stateFolder: config.state,
			url: config.dataUrl,
			s3Endpoint: config.s3Endpoint,
			onFault: (error) => events.emit("fault", { where: "data", error }),
		});
		let engine: Engine | undefined;
		const registry = new Registry({
			roots: config.algorithms,
			watch: config.watch,
			events,
			onReplaced: (version) => engine?.replaced(version),
		});
		// Both start programs to see what this machine has, and wait for them.
		const [opened, read] = await Promise.allSettled([
			Runners.open({
				stateFolder: config.state,
				events,
				maxWorkersTotal: config.maxWorkersTotal,
				containment: {
					wanted: wantedWalls(config),
					allowRead: config.allowRead,
					allowWrite: config.allowWrite,
					hidden: [config.state, ...config.algorithms, resolve(".env")],
				},
			}),
			registry.refresh(),
		]);
		if (opened.status === "rejected") {
			registry.close();
			throw opened.reason;
		}
		engine = new Engine(config, events, registry, opened.value, data, store);
		try {
			if (read.status === "rejected") throw read.reason;
			await engine.listeners?.open();
		} catch (error) {
			await engine.close();
			throw error;
		}
		return engine;
	}

	/** The folder's files have changed. */
	private replaced(version: Version): void {
		this.#apply.replaced(version);
	}

	/** What is hosted, by name, newest version first. */
	get versions(): readonly Version[] {
		return this.#registry.versions;
	}

	/** Folders under the roots that are no versions, and why. */
	get strays(): readonly Stray[] {
		return this.#registry.strays;
	}

	/** Runners that exist now, with the versions they run. */
	get active(): ReadonlyMap<Version, Runner> {
		return this.#apply.active;
	}

	get openCalls(): number {
		return this.#apply.openCalls;
	}

	/**
	 * Whether files have changed since the last call: then `await refresh()` before `apply`, and the call
	 * runs what was saved.
	 */
	get isStale(): boolean {
		return this.#registry.isStale;
	}

	refresh(): Promise<void> {
		return this.#registry.refresh();
	}

	/**
	 * Runs one call; `onOutcome` is called exactly once, unless this throws.
	 * @throws AlgoError FORBIDDEN, NOT_FOUND, TOO_MANY_SESSIONS, QUEUE_FULL, SHUTTING_DOWN
	 */
	apply(
		request: ApplyRequest,
		onOutcome: (outcome: Outcome, call: RunningCall) => void,
	): RunningCall {
		return this.#apply.start(request, onOutcome);
	}

	/**
	 * Runs a stream of lines, each of them an input.
	 * @throws AlgoError FORBIDDEN, NOT_FOUND, LOADING_FAILED, TOO_MANY_SESSIONS, TOO_MANY_CHILDREN, SHUTTING_DOWN
	 */
	applyLines(request: LinesRequest): void {
		const items = (itemsRequest: ItemsRequest) =>
			this.#apply.items(itemsRequest);
		new LineRun(items, this.config.maxInputBytes, request);
	}

	/**
	 * As whom the holder of a worker's key acts now: code inside an algorithm that uses a published client.
	 * @returns nothing if no worker has this key; a promise of nothing if it runs no call
	 */
	actorOfKey(key: string): Promise<Actor | undefined> | undefined {
		return this.#apply.actorOfKey(key);
	}

	/** Where the API answers: told to workers that start from now on. */
	set apiUrl(url: string) {
		this.#runners.keys.apiUrl = url;
	}

	/** Starts the workers that manifests want before the first call. */
	warm(): void {
		this.#apply.warm();
	}

	/** Refuses new calls and resolves when those that are open have ended, or the time is up. */
	async drain(seconds: number): Promise<void> {
		// First: what a listener takes from now on would only go back.
		const listeners = this.listeners?.close(seconds * 1000);
		this.#apply.stopAdmitting();
		const jobs = this.jobs?.close(seconds * 1000);
		const until = performance.now() + seconds * 1000;
		while (this.openCalls > 0 && performance.now() < until)
			await new Promise((resolve) => setTimeout(resolve, 20));
		await jobs;
		await listeners;
	}

	/** Ends everything that still runs and leaves nothing behind. */
	close(): Promise<void> {
		this.#apply.stopAdmitting();
		this.#registry.close();
		this.#closed ??= this.#end();
		return this.#closed;
	}

	async #end(): Promise<void> {
		await Promise.all([this.jobs?.close(), this.listeners?.close()]);
		this.data.close();
		await this.#runners.close();
	}
}

const isSame = (account: string, other: string): boolean =>
	account.toLowerCase() === other.toLowerCase();
