import { AlgoError } from "../errors.ts";
import type { Events, KillCause } from "../events.ts";
import type { Load, Output, Stray } from "../protocol/messages.ts";
import type { Call, CallHolder } from "./call.ts";
import { endOverdue } from "./deadline.ts";
import type { Lane, LaneOwner } from "./lane.ts";
import type { LaneListener } from "./lane-listener.ts";
import { Processes } from "./processes.ts";
import { RestartDelay } from "./restart-delay.ts";
import { RunEstimate } from "./run-estimate.ts";
import type { WorkerBudget, WorkerHolder } from "./worker-budget.ts";
import type { WorkerKeys } from "./worker-keys.ts";

/** A call that waits longer than this for a worker is a reason to start another one. */
const GROW_AFTER_MS = 10;
/** Workers beyond the first go after this, or after the version's idle time if that is shorter. */
const SURPLUS_IDLE_MS = 30_000;
/** A worker is not given to another version before it has been of use. */
const TENURE_MS = 250;
/** Less work than this is done sooner by one worker than shared. */
const SHARED_WORK_MS = 1;
const RESIDENT_POLL_MS = 100;

/** What a runner must know of its version. */
export interface RunnerOptions {
	load: Load;
	isolation: "thread" | "process";
	minWorkers: number;
	maxWorkers: number;
	idleMs: number;
	loadTimeoutMs: number;
	/** Answers what code of this version asks for, in a call or while it loads. */
	onAsk: LaneOwner["onAsk"];
}

/** What all runners share. */
export interface RunnerHouse {
	lanes: LaneListener;
	keys: WorkerKeys;
	budget: WorkerBudget;
	events: Events;
}

/** All workers of one version, and the calls that wait for them. */
export class Runner implements CallHolder, WorkerHolder, LaneOwner {
	readonly options: RunnerOptions;
	readonly estimate = new RunEstimate();
	readonly #house: RunnerHouse;
	#waiting: Call[] = [];
	#lanes: Lane[] = [];
	readonly #processes: Processes;
	#isFlushing = false;
	#isRetired = false;
	#onRetired: (() => void) | undefined;
	#loadFailure: AlgoError | undefined;
	#hasEverLoaded = false;
	readonly #loadDelay = new RestartDelay(0);
	readonly #deathDelay = new RestartDelay(4);
	#residentPolledAt = 0;

	constructor(house: RunnerHouse, options: RunnerOptions) {
		this.#house = house;
		this.options = options;
		this.#processes = new Processes(
			house.lanes,
			house.keys,
			options.load,
			options.isolation,
			this,
		);
		house.budget.join(this);
	}

	get workers(): number {
		return this.#lanes.length;
	}

	workersBeside(depth: number): number {
		let count = 0;
		for (const lane of this.#lanes)
			if (!lane.isWaiting || lane.depth >= depth) count++;
		return count;
	}

	get depth(): number {
		return this.#waiting[0]?.depth ?? 0;
	}

	get waiting(): number {
		return this.#waiting.length;
	}

	/** Whether anything is under way that needs `tick`. */
	get isIdle(): boolean {
		return (
			this.#waiting.length === 0 &&
			this.#lanes.every((lane) => lane.state === "idle")
		);
	}

	countLanes(state: Lane["state"]): number {
		let count = 0;
		for (const lane of this.#lanes) if (lane.state === state) count++;
		return count;
	}

	/** Starts workers until `minWorkers` are there. */
	warm(): void {
		while (this.#lanes.length < this.options.minWorkers && this.#mayStart())
			this.#startWorker();
	}

	submit(call: Call): void {
		const error = this.#loadFailure;
		if (error && this.#loadDelay.remainingMs > 0 && !this.#hasLoaded) {
			call.finish({ kind: "failed", error, runMs: 0 });
			return;
		}
		call.holder = this;
		this.#queue(call, ({ depth }) => depth < call.depth);
		this.#flushSoon();
	}

	/** A waiting call is over: it never runs. */
	release(call: Call): void {
		const at = this.#waiting.indexOf(call);
		if (at >= 0) this.#waiting.splice(at, 1);
	}

	/** Whole seconds until the queue has probably moved on (Retry-After). */
	get retryAfterSeconds(): number {
		const workers = Math.max(1, this.#lanes.length);
		const seconds =
			((this.#waiting.length + 1) * (this.estimate.ms ?? 1000)) /
			workers /
			1000;
		return Math.max(1, Math.min(300, Math.ceil(seconds)));
	}

	/** Takes no new calls; those it has end on this code. Resolves when all its workers are gone. */
	retire(): Promise<void> {
		this.#isRetired = true;
		return new Promise((resolve) => {
			this.#onRetired = resolve;
			this.#endIdleOfRetired();
		});
	}

	/** Ends everything at once. */
	close(error: AlgoError): void {
		this.#isRetired = true;
		for (const call of this.#waiting.splice(0))
			call.finish({ kind: "failed", error, runMs: 0 });
		for (const lane of this.#lanes) lane.abandon(error);
		this.#processes.kill("ended");
	}

	/** Every few milliseconds while it is not idle. */
	tick(now: number): void {
		endOverdue(this.#waiting, now);
		for (const lane of this.#lanes) {
			lane.tick(now);
			if (
				lane.state === "starting" &&
				now - lane.startedAt > this.options.loadTimeoutMs
			) {
				const seconds = this.options.loadTimeoutMs / 1000;
				lane.fail(
					new AlgoError(
						"LOADING_FAILED",
						`did not load within ${seconds} s; raise loadTimeoutSeconds in algorithm.json if it needs longer`,
					),
					"load-timeout",
				);
			}
		}
		this.#dispatch();
		this.#growIfLate(now);
		if (now - this.#residentPolledAt > RESIDENT_POLL_MS) {
			this.#residentPolledAt = now;
			void this.#processes.watchMemory();
		}
	}

	/** About once a second: ends workers that have been idle for long. */
	endIdle(now: number): void {
		const idle = this.#lanes
			.filter((lane) => lane.state === "idle")
			.sort((a, b) => a.idleSince - b.idleSince);
		this.warm();
		let left = this.#lanes.length;
		for (const lane of idle) {
			if (left <= this.options.minWorkers) return;
			const bound =
				left > 1
					? Math.min(SURPLUS_IDLE_MS, this.options.idleMs)
					: this.options.idleMs;
			if (now - lane.idleSince < bound) return;
			lane.end("ended");
			left--;
		}
	}

	get spareSince(): number | undefined {
		if (this.#waiting.length > 0) return undefined;
		let since: number | undefined;
		for (const lane of this.#lanes)
			if (
				lane.state === "idle" &&
				(since === undefined || lane.idleSince < since)
			)
				since = lane.idleSince;
		return since;
	}

	giveUpSpare(): void {
		const since = this.spareSince;
		this.#lanes
			.find((lane) => lane.state === "idle" && lane.idleSince === since)
			?.end("ended");
	}

	onRoom(): void {
		if (
			this.#waiting.length > 0 ||
			this.#lanes.length < this.options.minWorkers
		)
			this.#grow();
		else this.#house.budget.withdraw(this);
	}

	onReady(lane: Lane): void {
		this.#hasEverLoaded = true;
		this.#loadFailure = undefined;
		this.#loadDelay.succeeded();
		this.#tell("ready");
		this.onFree(lane);
	}

	onFailed(_lane: Lane, error: AlgoError): void {
		// What has loaded before does not fail by itself: its process went with another worker's call.
		if (this.#hasEverLoaded && error.code !== "LOADING_FAILED") return;
		this.#loadFailure =
			error.code === "EXITED"
				? new AlgoError("EXITED", `${error.message} while loading`)
				: error;
		this.#house.events.emit("algorithm", {
			algorithm: this.options.load.algorithm,
			change: "broken",
			error: this.#loadFailure.message,
		});
		this.#loadDelay.failed();
		if (this.#hasLoaded) return;
		for (const call of this.#waiting.splice(0))
			call.finish({ kind: "failed", error: this.#loadFailure, runMs: 0 });
	}

	onFree(_lane: Lane): void {
		this.#dispatch();
		if (this.#isRetired) this.#endIdleOfRetired();
	}

	onReturned(calls: Call[]): void {
		for (const call of calls.reverse()) {
			call.holder = this;
			this.#queue(call, ({ depth }) => depth <= call.depth);
		}
		this.#flushSoon();
	}

	isAlone(lane: Lane): boolean {
		return this.#processes.isAlone(lane);
	}

	onProcessGone(): void {
		if (this.#isRetired) this.#endIdleOfRetired();
	}

	onRun(runMs: number): void {
		this.estimate.add(runMs);
		this.#deathDelay.succeeded();
	}

	onAsk(
		...ask: Parameters<LaneOwner["onAsk"]>
	): ReturnType<LaneOwner["onAsk"]> {
		return this.options.onAsk(...ask);
	}

	onOutput({ requestId, text }: Output): void {
		this.#house.events.emit("output", {
			algorithm: this.options.load.algorithm,
			requestId,
			text,
		});
	}

	onStray(stray: Stray): void {
		this.#house.events.emit("stray", {
			algorithm: this.options.load.algorithm,
			...stray,
		});
	}

	onGone(lane: Lane, cause: KillCause | "ended"): void {
		this.#lanes = this.#lanes.filter((other) => other !== lane);
		this.#processes.forget(lane, cause);
		if (cause !== "ended") {
			const what = lane.process.isGone ? "process" : "thread";
			this.#house.events.emit("kill", {
				algorithm: this.options.load.algorithm,
				cause,
				what,
			});
		}
		if (cause === "crash" || cause === "exit") this.#deathDelay.failed();
		this.#tell("gone");
		this.#house.budget.onFreed();
		if (this.#isRetired) this.#endIdleOfRetired();
		else this.warm();
		// A worker that was killed is replaced before the next call asks for it.
		if (cause !== "ended" && this.#lanes.length === 0) this.#grow();
		this.#dispatch();
		this.#processes.endEmpty();
	}

	/** Those that are deep in their trees come first: calls above, and their workers, wait for them. */
	#queue(call: Call, isBehind: (other: Call) => boolean): void {
		const last = this.#waiting.at(-1);
		if (!last || !isBehind(last)) this.#waiting.push(call);
		else this.#waiting.splice(this.#waiting.findIndex(isBehind), 0, call);
	}

	/** Calls that arrive in one turn of the event loop leave as one group. */
	#flushSoon(): void {
		if (this.#isFlushing) return;
		this.#isFlushing = true;
		setImmediate(() => {
			this.#isFlushing = false;
			this.#dispatch();
		});
	}

	#dispatch(): void {
		while (this.#waiting.length > 0) {
			const { groupSize } = this.estimate;
			const lane = this.#laneFor(groupSize);
			if (!lane || (lane.state === "idle" && !this.#mayRun())) break;
			if (this.#shouldYield(lane)) {
				if (lane.state !== "idle") break;
				lane.end("ended");
			} else {
				const count = Math.min(lane.room(groupSize), this.#share());
				lane.send(this.#waiting.splice(0, count));
			}
		}
		const isStuck = this.#lanes.every((lane) => lane.isWaiting);
		if (this.#waiting.length > 0 && isStuck) this.#grow();
	}

	/** Nesting may have brought more workers than may run beside each other. */
	#mayRun(): boolean {
		if (this.#lanes.length <= this.options.maxWorkers) return true;
		const { depth } = this;
		const running = this.#lanes.filter(
			(lane) =>
				lane.state === "busy" && (!lane.isWaiting || lane.depth >= depth),
		);
		return running.length < this.options.maxWorkers;
	}

	/** The worker that was used last, even while it runs short calls: the others may become idle for long and go. */
	#laneFor(groupSize: number): Lane | undefined {
		let best: Lane | undefined;
		for (const lane of this.#lanes) {
			if (
				lane.room(groupSize) > 0 &&
				(!best || lane.idleSince > best.idleSince)
			)
				best = lane;
		}
		return best;
	}

	/** Another version has no worker, and this one's has been of use. */
	#shouldYield(lane: Lane): boolean {
		return (
			this.#house.budget.shouldYield(this) &&
			performance.now() - lane.readyAt > TENURE_MS
		);
	}

	/** Short calls travel together, but not while other workers are free and there is real work to share. */
	#share(): number {
		const workMs = this.#waiting.length * (this.estimate.ms ?? 1);
		const free = workMs > SHARED_WORK_MS ? this.countLanes("idle") : 1;
		return Math.ceil(this.#waiting.length / Math.max(1, free));
	}

	#growIfLate(now: number): void {
		const [first] = this.#waiting;
		if (!first || now - first.createdAt < GROW_AFTER_MS) return;
		if (this.#waiting.length > this.countLanes("starting")) this.#grow();
	}

	#grow(): void {
		const beside = this.workersBeside(this.depth);
		if (beside < this.options.maxWorkers && this.#mayStart())
			this.#startWorker();
	}

	#mayStart(): boolean {
		return (
			!this.#isRetired &&
			this.#loadDelay.remainingMs === 0 &&
			this.#deathDelay.remainingMs === 0 &&
			this.#processes.isSteady &&
			this.#house.budget.ask(this)
		);
	}

	/** Whether a worker has loaded: what a later one fails with is not all there is. */
	get #hasLoaded(): boolean {
		return this.#lanes.some(({ readyAt }) => readyAt > 0);
	}

	#startWorker(): void {
		this.#lanes.push(this.#processes.open());
		this.#tell("starting");
	}

	#endIdleOfRetired(): void {
		if (this.#waiting.length === 0)
			for (const lane of this.#lanes)
				if (lane.state === "idle" || lane.state === "starting")
					lane.end("ended");
		if (this.#lanes.length > 0) return;
		this.#processes.kill("ended");
		if (this.#processes.size > 0) return;
		this.#house.budget.leave(this);
		this.#onRetired?.();
		this.#onRetired = undefined;
	}

	#tell(change: "starting" | "ready" | "gone"): void {
		this.#house.events.emit("worker", {
			algorithm: this.options.load.algorithm,
			change,
		});
	}
}
