import type { AlgoError } from "../errors.ts";
import type { KillCause } from "../events.ts";
import type { Output, Stray } from "../protocol/messages.ts";
import type { Call } from "./call.ts";
import type { CrewHouse, CrewOptions, CrewOwner } from "./crew-owner.ts";
import { idleForLong, lastUsed, longestIdle } from "./idle.ts";
import { ItemEstimate } from "./item-estimate.ts";
import type { Lane, LaneOwner } from "./lane.ts";
import type { Answered, Asked } from "./lane-owner.ts";
import { Loading, loadTimedOut } from "./loading.ts";
import { Processes } from "./processes.ts";
import { RestartDelay } from "./restart-delay.ts";
import { RunEstimate } from "./run-estimate.ts";
import type { WorkerHolder } from "./worker-budget.ts";

/** A worker is not given to another version before it has been of use. */
const TENURE_MS = 250;

/** The workers of one version, as they come and go: how many there may be, when to try again after a failure, who ends when. */
export class Crew implements LaneOwner, WorkerHolder {
	/** How long the calls run that these workers serve. */
	readonly estimate = new RunEstimate();
	/** And how long an item of a slice runs. */
	readonly itemEstimate = new ItemEstimate();
	readonly #house: CrewHouse;
	readonly #options: CrewOptions;
	readonly #owner: CrewOwner;
	#lanes: Lane[] = [];
	readonly #processes: Processes;
	#isRetired = false;
	#isClosed = false;
	#onRetired: (() => void) | undefined;
	readonly #loading = new Loading();
	readonly #deathDelay = new RestartDelay(4);

	constructor(house: CrewHouse, options: CrewOptions, owner: CrewOwner) {
		this.#house = house;
		this.#options = options;
		this.#owner = owner;
		this.#processes = new Processes(house.folders, house.keys, options, this);
		house.budget.join(this);
		void options.launch.then((launch) => {
			this.#processes.launch = launch;
			this.onRoom();
		});
	}

	get lanes(): readonly Lane[] {
		return this.#lanes;
	}

	get workers(): number {
		return this.#lanes.length;
	}

	/** An idle worker that may take a call. */
	get idleLane(): Lane | undefined {
		return lastUsed(
			this.#lanes,
			(lane) => lane.state === "idle" && lane.room(1) > 0,
		);
	}

	/** Whether a worker is idle, or will be. */
	get hasSpare(): boolean {
		return this.#lanes.some(
			({ state }) => state === "idle" || state === "starting",
		);
	}

	get maxWorkers(): number {
		return this.#options.maxWorkers;
	}

	/** Whether all workers are in one process. */
	get isShared(): boolean {
		return this.#options.isShared;
	}

	get maxBatchItems(): number {
		return this.#options.load.maxBatchItems;
	}

	workersBeside(depth: number): number {
		let count = 0;
		for (const lane of this.#lanes) if (isBeside(lane, depth)) count++;
		return count;
	}

	get depth(): number {
		return this.#owner.depth;
	}

	/** Whether an idle worker may take a call so deep: nesting may have brought more workers than may run beside each other. */
	mayRun(depth: number): boolean {
		const { maxWorkers } = this.#options;
		if (this.#lanes.length <= maxWorkers) return true;
		const running = this.#lanes.filter(
			(lane) => lane.state === "busy" && isBeside(lane, depth),
		);
		return running.length < maxWorkers;
	}

	/** Why no call can be served: the version failed to load, and it is too early to try again. */
	get fault(): AlgoError | undefined {
		const { failure } = this.#loading;
		return failure && !this.#hasLoaded ? failure : undefined;
	}

	/** Starts workers until `minWorkers` are there. */
	warm(): void {
		while (this.#lanes.length < this.#options.minWorkers && this.#mayStart())
			this.#startWorker();
	}

	/** Starts one more worker, if there may be one. */
	grow(): void {
		const beside = this.workersBeside(this.depth);
		if (beside < this.#options.maxWorkers && this.#mayStart())
			this.#startWorker();
	}

	/** Ends each worker when nothing waits for it. Resolves when all are gone. */
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
		this.#isClosed = true;
		for (const lane of this.#lanes) lane.abandon(error);
		this.#processes.kill("ended");
	}

	/** Every few milliseconds while a worker starts or runs. */
	tick(now: number): void {
		const { loadTimeoutMs } = this.#options;
		for (const lane of this.#lanes) {
			lane.tick(now);
			if (lane.state === "starting" && now - lane.startedAt > loadTimeoutMs)
				lane.fail(loadTimedOut(loadTimeoutMs), "load-timeout");
		}
	}

	/** Every few milliseconds, after `tick` and the calls and workers that it made room for. */
	watchMemory(now: number): void {
		this.#processes.tick(now);
	}

	/** About once a second: ends workers that have been idle for long, and looks after what the others hold. */
	endIdle(now: number): void {
		this.warm();
		this.#processes.tick(now);
		for (const lane of idleForLong(this.#lanes, now, this.#options))
			lane.end("ended");
	}

	/**
	 * Whether this worker should go instead of taking a call: another version has none, and this one has been of use. One
	 * with code that is no longer in its folder would not come again.
	 */
	shouldYield(lane: Lane): boolean {
		return (
			!this.#isRetired &&
			this.#house.budget.shouldYield(this) &&
			performance.now() - lane.readyAt > TENURE_MS
		);
	}

	get leaving(): number {
		return this.#lanes.filter(({ state }) => state === "ending").length;
	}

	get sparesSince(): readonly number[] {
		return this.#spares.map(({ idleSince }) => idleSince).sort((a, b) => a - b);
	}

	giveUpSpare(): void {
		longestIdle(this.#spares)?.end("ended");
	}

	onRoom(): void {
		if (this.#owner.wanted > 0 || this.#lanes.length < this.#options.minWorkers)
			this.grow();
		else this.#house.budget.withdraw(this);
	}

	onReady(lane: Lane): void {
		this.#loading.succeeded();
		this.#tell("ready");
		this.onFree(lane);
	}

	onFailed(_lane: Lane, error: AlgoError): void {
		const failure = this.#loading.failed(error);
		if (!failure) return;
		this.#house.events.emit("algorithm", {
			algorithm: this.#algorithm,
			change: "broken",
			error: failure.message,
		});
		if (!this.#hasLoaded) this.#owner.failWaiting(failure);
	}

	onFree(_lane: Lane): void {
		this.#owner.dispatch();
		if (this.#isRetired) this.#endIdleOfRetired();
	}

	onReturned(calls: Call[]): void {
		this.#owner.onReturned(calls);
	}

	isAlone(lane: Lane): boolean {
		return this.#processes.isAlone(lane);
	}

	/** Nothing more will come. */
	onUnwanted(): void {
		if (this.#isRetired) this.#endIdleOfRetired();
	}

	onProcessGone(): void {
		if (this.#isRetired) this.#endIdleOfRetired();
	}

	onRun(runMs: number): void {
		this.estimate.add(runMs);
		this.#deathDelay.succeeded();
	}

	onItems(count: number, runMs: number): void {
		this.itemEstimate.add(count, runMs);
		this.#deathDelay.succeeded();
	}

	onAsk(ask: Asked, call: Call | undefined): Promise<Answered> {
		return this.#options.onAsk(ask, call);
	}

	onOutput({ requestId, text }: Output): void {
		this.#house.events.emit("output", {
			algorithm: this.#algorithm,
			requestId,
			text,
		});
	}

	onStray(stray: Stray): void {
		this.#house.events.emit("stray", { algorithm: this.#algorithm, ...stray });
	}

	onGone(lane: Lane, cause: KillCause | "ended"): void {
		this.#lanes = this.#lanes.filter((other) => other !== lane);
		this.#processes.forget(lane, cause);
		if (cause !== "ended") {
			this.#house.events.emit("kill", {
				algorithm: this.#algorithm,
				cause,
				what: lane.process.isGone ? "process" : "thread",
			});
		}
		if ((cause === "crash" || cause === "exit") && lane.deathCounts)
			this.#deathDelay.failed();
		this.#tell("gone");
		this.#house.budget.onFreed();
		if (this.#isRetired) this.#endIdleOfRetired();
		else this.warm();
		// A worker that was killed is replaced before the next call asks for it.
		if (cause !== "ended" && this.#lanes.length === 0) this.grow();
		this.#owner.dispatch();
		this.#processes.endEmpty();
	}

	get #algorithm(): string {
		return this.#options.load.algorithm;
	}

	/** Idle workers that nobody waits for. */
	get #spares(): Lane[] {
		if (this.#owner.waiting > 0) return [];
		return this.#lanes.filter(({ state }) => state === "idle");
	}

	/** Whether a worker has loaded: what a later one fails with is not all there is. */
	get #hasLoaded(): boolean {
		return this.#lanes.some(({ readyAt }) => readyAt > 0);
	}

	#mayStart(): boolean {
		return (
			!this.#isClosed &&
			(!this.#isRetired || this.#isLastOfRetired) &&
			this.#loading.mayBeTried &&
			this.#deathDelay.remainingMs === 0 &&
			this.#processes.isSteady &&
			this.#house.budget.ask(this)
		);
	}

	/** A worker that starts now has what is in the folder now: only if nobody is there who has the old code. */
	get #isLastOfRetired(): boolean {
		return this.#owner.wanted > 0 && this.#lanes.length === 0;
	}

	#startWorker(): void {
		this.#lanes.push(this.#processes.open());
		this.#tell("starting");
	}

	#endIdleOfRetired(): void {
		if (this.#owner.wanted === 0)
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
		this.#house.events.emit("worker", { algorithm: this.#algorithm, change });
	}
}

/** Whether a worker counts for a call so deep: one that waits for it, or for one above it, does not. */
const isBeside = (lane: Lane, depth: number): boolean =>
	!lane.isWaiting || lane.depth >= depth;
