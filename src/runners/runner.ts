import type { AlgoError } from "../errors.ts";
import type { Released } from "../events.ts";
import { Background } from "./background.ts";
import type { Call, CallHolder } from "./call.ts";
import { Crew } from "./crew.ts";
import type { CrewHouse, CrewOptions, CrewOwner } from "./crew-owner.ts";
import { endOverdue } from "./deadline.ts";
import { Doubtful } from "./doubtful.ts";
import { lastUsed } from "./idle.ts";
import type { Lane } from "./lane.ts";
import type { MicroBatch } from "./micro-batch.ts";
import { groupSizeOf } from "./run-estimate.ts";
import { Slice } from "./slice.ts";
import type { Traffic } from "./traffic.ts";

/** A call that waits longer than this for a worker is a reason to start another one. */
const GROW_AFTER_MS = 10;
/** Less work than this is done sooner by one worker than shared. */
const SHARED_WORK_MS = 1;

/** The calls of one version that wait for a worker, and which of its crew gets them. */
export class Runner implements CallHolder, CrewOwner {
	readonly #crew: Crew;
	#waiting: Call[] = [];
	readonly #background: Background;
	readonly #doubtful = new Doubtful();
	readonly #traffic: Traffic;
	#holds = 0;
	#isFlushing = false;
	readonly #microBatch: MicroBatch | undefined;
	readonly #onBatch: (items: number, released: Released) => void;
	/** Single calls wait for others beside a free worker. */
	#isGathering = false;
	#gatherTimer: NodeJS.Timeout | undefined;

	/** @param microBatch absent: single calls are run one by one */
	constructor(
		house: CrewHouse,
		options: CrewOptions,
		microBatch: MicroBatch | undefined,
	) {
		this.#crew = new Crew(house, options, this);
		this.#traffic = house.traffic;
		this.#background = new Background(this.#crew, house.traffic);
		this.#microBatch = microBatch;
		const { algorithm } = options.load;
		this.#onBatch = (items, released) =>
			house.events.emit("batch", { algorithm, items, released });
	}

	get workers(): number {
		return this.#crew.workers;
	}

	/** How many workers there may be. */
	get maxWorkers(): number {
		return this.#crew.maxWorkers;
	}

	/** Milliseconds of one item, `undefined` before the first. */
	get itemMs(): number | undefined {
		return this.#crew.itemEstimate.ms;
	}

	/** How many items start together, as far as that is known: a shorter slice would be a smaller batch. */
	get groupItems(): number {
		const { lanes, maxBatchItems } = this.#crew;
		return lanes.some(({ isBatch }) => isBatch) ? maxBatchItems : 1;
	}

	/** Whether its module has `applyBatch`; unknown before a worker has loaded it. */
	get isBatch(): boolean | undefined {
		const loaded = this.#crew.lanes.filter(
			({ state }) => state === "idle" || state === "busy",
		);
		return loaded.length > 0
			? loaded.some(({ isBatch }) => isBatch)
			: undefined;
	}

	/**
	 * How many inputs may be run together as items, without one that waits long for the others.
	 * @param max at most
	 */
	groupSize(max: number): number {
		if (this.#microBatch) return 1;
		return groupSizeOf(this.itemMs ?? this.#crew.estimate.ms, max);
	}

	get waiting(): number {
		return this.#waiting.length;
	}

	/** What it is still needed for, beside the calls that its workers have. */
	get wanted(): number {
		return this.#queued + this.#holds;
	}

	get #queued(): number {
		return (
			this.#waiting.length + this.#background.length + this.#doubtful.length
		);
	}

	get depth(): number {
		return this.#waiting[0]?.depth ?? 0;
	}

	/** Whether nothing is under way that needs `tick`. */
	get isIdle(): boolean {
		return (
			this.#queued === 0 &&
			this.#crew.lanes.every((lane) => lane.state === "idle")
		);
	}

	countLanes(state: Lane["state"]): number {
		let count = 0;
		for (const lane of this.#crew.lanes) if (lane.state === state) count++;
		return count;
	}

	/** Starts workers until `minWorkers` are there. */
	warm(): void {
		this.#crew.warm();
	}

	submit(call: Call): void {
		const error = this.#crew.fault;
		if (error) {
			call.finish({ kind: "failed", error, runMs: 0 });
			return;
		}
		call.holder = this;
		if (Doubtful.has(call) && this.#crew.isShared) this.#doubtful.add(call);
		else if (Background.has(call)) this.#background.add(call);
		else {
			this.#traffic.called(call.createdAt);
			this.#microBatch?.arrived(
				call.createdAt,
				this.#waiting.length === 0,
				this.#isAlone,
			);
			this.#queue(call, ({ depth }) => depth < call.depth);
		}
		this.#flushSoon();
	}

	/** More will come for this code: it does not retire before `unhold`. */
	hold(): void {
		this.#holds++;
	}

	unhold(): void {
		this.#holds--;
		if (this.#holds === 0) this.#crew.onUnwanted();
	}

	/** A waiting call is over: it never runs. */
	release(call: Call): void {
		if (Doubtful.has(call)) this.#doubtful.remove(call);
		if (Background.has(call)) this.#background.remove(call);
		else this.#waiting = this.#waiting.filter((other) => other !== call);
	}

	/** Whole seconds until the queue has probably moved on (Retry-After). */
	get retryAfterSeconds(): number {
		const workers = Math.max(1, this.workers);
		const seconds =
			((this.#waiting.length + 1) * (this.#crew.estimate.ms ?? 1000)) /
			workers /
			1000;
		return Math.max(1, Math.min(300, Math.ceil(seconds)));
	}

	/** Takes no new calls; those it has end on this code. Resolves when all its workers are gone. */
	retire(): Promise<void> {
		return this.#crew.retire();
	}

	/** Ends everything at once. */
	close(error: AlgoError): void {
		this.failWaiting(error);
		this.#crew.close(error);
	}

	/** Every few milliseconds while it is not idle. */
	tick(now: number): void {
		endOverdue(this.#waiting, now);
		this.#crew.tick(now);
		this.dispatch();
		this.#growIfLate(now);
		this.#crew.watchMemory(now);
	}

	/** About once a second: ends workers that have been idle for long. */
	endIdle(now: number): void {
		this.#crew.endIdle(now);
	}

	/** Hands waiting calls to workers that can take them. */
	dispatch(): void {
		this.#isGathering = false;
		const doubtful = this.#doubtful.next();
		if (doubtful?.isBackground) this.#background.add(doubtful);
		else if (doubtful) this.#waiting.unshift(doubtful);
		while (this.#waiting.length > 0) {
			// A batch wants a worker to itself, and so does a call that may be why a batch failed.
			const groupSize = this.#microBatch ? 1 : this.#crew.estimate.groupSize;
			const lane = this.#laneFor(groupSize);
			if (!lane) break;
			if (lane.state === "idle" && !this.#crew.mayRun(this.depth)) break;
			if (this.#crew.shouldYield(lane)) {
				if (lane.state !== "idle") break;
				lane.end("ended");
			} else if (!this.#hand(lane, groupSize)) break;
		}
		if (this.#waiting.length === 0) this.#background.dispatch();
		else if (!this.#isGathering) {
			this.#microBatch?.heldUp();
			this.#background.makeWay(this.#waiting.length);
		}
		const isStuck = this.#crew.lanes.every((lane) => lane.isWaiting);
		if (this.#waiting.length > 0 && isStuck) this.#crew.grow();
	}

	onReturned(calls: Call[]): void {
		for (const call of calls.reverse()) {
			call.holder = this;
			if (Background.has(call)) this.#background.addBack(call);
			else this.#queue(call, ({ depth }) => depth <= call.depth);
		}
		this.#flushSoon();
	}

	failWaiting(error: AlgoError): void {
		const all = [
			...this.#waiting.splice(0),
			...this.#background.takeAll(),
			...this.#doubtful.takeAll(),
		];
		for (const call of all) call.finish({ kind: "failed", error, runMs: 0 });
	}

	/** Hands the first waiting slice, or calls up to the next slice. @returns false if this lane cannot take them */
	#hand(lane: Lane, groupSize: number): boolean {
		const [first] = this.#waiting;
		if (first instanceof Slice) {
			if (lane.state !== "idle") return false;
			this.#waiting.shift();
			lane.sendSlice(first, this.#crew.maxBatchItems);
			return true;
		}
		if (this.#microBatch && first && !first.runsAlone)
			return this.#handBatch(lane, this.#microBatch);
		const count = Math.min(lane.room(groupSize), this.#share());
		const slice = this.#waiting.findIndex((call) => call instanceof Slice);
		lane.send(
			this.#waiting.splice(0, slice < 0 ? count : Math.min(count, slice)),
		);
		return true;
	}

	/** Hands the first calls as one batch, unless it waits for others. */
	#handBatch(lane: Lane, microBatch: MicroBatch): boolean {
		const count = microBatch.count(this.#waiting);
		const released = microBatch.release(
			count,
			count < this.#waiting.length,
			performance.now(),
		);
		if (typeof released === "number") {
			this.#isGathering = true;
			this.#gatherTimer ??= setTimeout(() => {
				this.#gatherTimer = undefined;
				this.#flushSoon(); // after the calls that have arrived meanwhile
			}, Math.ceil(released));
			return false;
		}
		lane.sendBatch(this.#waiting.splice(0, count));
		this.#onBatch(count, released);
		return true;
	}

	/** Whether no single call is open. */
	get #isAlone(): boolean {
		return (
			this.#waiting.length === 0 &&
			!this.#crew.lanes.some(
				({ state, slice }) => state === "busy" && slice === undefined,
			)
		);
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
			this.dispatch();
		});
	}

	/** Even one that runs short calls. */
	#laneFor(groupSize: number): Lane | undefined {
		return lastUsed(this.#crew.lanes, (lane) => lane.room(groupSize) > 0);
	}

	/** Short calls travel together, but not while other workers are free and there is real work to share. */
	#share(): number {
		const workMs = this.#waiting.length * (this.#crew.estimate.ms ?? 1);
		const free = workMs > SHARED_WORK_MS ? this.countLanes("idle") : 1;
		return Math.ceil(this.#waiting.length / Math.max(1, free));
	}

	#growIfLate(now: number): void {
		const [first] = this.#waiting;
		if (!first || this.#isGathering) return;
		if (now - first.createdAt < GROW_AFTER_MS) return;
		if (this.#waiting.length > this.countLanes("starting")) this.#crew.grow();
	}
}
