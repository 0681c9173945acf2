import type { ItemRun } from "../apply/item-run.ts";
import { AlgoError, type ErrorCode, shuttingDown } from "../errors.ts";
import type { Cut } from "../items/cut.ts";
import { SliceFlag } from "../protocol/slice-frames.js";
import type { ItemOutcomes } from "../runners/slice.ts";
import type { Job, JobHouse } from "./house.ts";
import type { Insistence } from "./insistence.ts";
import type { OpenShard } from "./open-shard.ts";
import type { OpenShards } from "./open-shards.ts";

/** A version that is missing or does not load is looked for again after this, */
const AGAIN_MS = 2000;
/** and for so long, from the last item that ran on. */
const MAX_BROKEN_MS = 600_000;
/** Code that was told to end has this long. */
const END_MS = 300;

/** Without these there is nothing to run. */
const BROKEN: readonly ErrorCode[] = [
	"NOT_FOUND",
	"FORBIDDEN",
	"LOADING_FAILED",
];
/** Many items in a row have ended their workers. Each has its outcome, and others may be better. */
const DEADLY: readonly ErrorCode[] = ["EXITED", "OUT_OF_MEMORY", "TIMED_OUT"];

export interface ExecutionListener {
	/** A shard has outcomes. */
	onOutcomes(shard: OpenShard, count: number): void;
	/** Whether no item may start, for want of memory. */
	isFull(): boolean;
	/** Items have been given away, or none were there. */
	onHungry(): void;
	/** The job cannot go on. */
	onFatal(error: AlgoError): void;
}

/** Has the items of open shards run by the executor, in as many runs as that takes. */
export class Execution {
	readonly #job: Job;
	readonly #house: JobHouse;
	readonly #shards: OpenShards;
	readonly #insistence: Insistence;
	readonly #listener: ExecutionListener;
	#run: ItemRun | undefined;
	#isStarting = false;
	#isEnding = false;
	/** Items that the executor has. */
	#inFlight = 0;
	#notBefore = 0;
	#brokenSince = 0;
	#timer: NodeJS.Timeout | undefined;
	#onIdle: (() => void) | undefined;

	constructor(
		job: Job,
		house: JobHouse,
		shards: OpenShards,
		insistence: Insistence,
		listener: ExecutionListener,
	) {
		this.#job = job;
		this.#house = house;
		this.#shards = shards;
		this.#insistence = insistence;
		this.#listener = listener;
	}

	/** There may be something to run. */
	go(): void {
		const now = performance.now();
		if (this.#isEnding) return;
		if (this.#run) this.#run.more();
		else if (now < this.#notBefore) this.#goAt(this.#notBefore);
		else if (this.#shards.unfed > 0 || this.#shards.dueAt <= now)
			void this.#start();
		else this.#goAt(this.#shards.dueAt);
	}

	/**
	 * Starts nothing more, and ends what runs.
	 * @param graceMs how long it may run before it is ended
	 */
	async end(graceMs: number): Promise<void> {
		this.#isEnding = true;
		clearTimeout(this.#timer);
		if (graceMs > 0) await this.#idle(graceMs);
		this.#run?.end(shuttingDown());
		if (this.#run) await this.#idle(END_MS);
	}

	async #start(): Promise<void> {
		if (this.#isStarting) return;
		this.#isStarting = true;
		try {
			await this.#house.refresh();
			if (this.#isEnding) return;
			this.#run = this.#house.apply.items(this.#request());
			this.#run.more();
		} catch (error) {
			this.#ended(error);
		} finally {
			this.#isStarting = false;
		}
	}

	#request(): Parameters<JobHouse["apply"]["items"]>[0] {
		const { apply } = this.#house;
		const { id, caller, owner, name, version, options, rules } = this.#job;
		const { timeoutSeconds, concurrency } = options;
		const ref = { owner, name, selector: version, caller };
		return {
			...ref,
			requestId: id,
			form: rules.form,
			inputKind: rules.inputKind,
			flags: SliceFlag.AS_LINES | SliceFlag.ECHO_ID,
			isBackground: true,
			concurrency,
			itemTimeoutMs: apply.timeoutMs(
				timeoutSeconds && timeoutSeconds * 1000,
				apply.find(ref),
			),
			next: (maxItems, maxBytes) => this.#next(maxItems, maxBytes),
			isDone: () =>
				this.#shards.unfed === 0 &&
				this.#shards.dueAt === Number.POSITIVE_INFINITY,
			onOutcomes: (outcomes) => this.#take(outcomes),
			onEnd: (error) => this.#ended(error),
		};
	}

	#next(maxItems: number, maxBytes: number): Cut | undefined {
		if (this.#isEnding || this.#listener.isFull()) return undefined;
		const cut = this.#shards.next(maxItems, maxBytes, performance.now());
		if (cut) this.#inFlight += cut.count;
		else this.#goAt(this.#shards.dueAt);
		this.#listener.onHungry();
		return cut;
	}

	#take(outcomes: ItemOutcomes): void {
		this.#inFlight -= outcomes.count;
		this.#brokenSince = 0;
		this.#insistence.release(this);
		const shard = this.#shards.take(outcomes, performance.now());
		if (shard) this.#listener.onOutcomes(shard, outcomes.count);
		if (this.#inFlight === 0) this.#onIdle?.();
	}

	/** @param error what is left has no outcome, and why */
	#ended(error: unknown): void {
		this.#run = undefined;
		if (this.#inFlight > 0) this.#shards.takeBack();
		this.#inFlight = 0;
		this.#onIdle?.();
		if (this.#isEnding) return;
		if (error === undefined) {
			this.go();
			this.#listener.onHungry();
		} else if (error instanceof AlgoError && error.code !== "BAD_REQUEST")
			this.#stumble(error);
		else this.#listener.onFatal(fatalOf(error));
	}

	#stumble(error: AlgoError): void {
		const now = performance.now();
		if (BROKEN.includes(error.code)) {
			this.#brokenSince ||= now;
			if (now - this.#brokenSince > MAX_BROKEN_MS) {
				this.#listener.onFatal(error);
				return;
			}
		}
		if (!DEADLY.includes(error.code))
			this.#insistence.hold(this, error.message);
		this.#notBefore = now + AGAIN_MS;
		this.#goAt(this.#notBefore);
	}

	#goAt(time: number): void {
		clearTimeout(this.#timer);
		if (time === Number.POSITIVE_INFINITY || this.#isEnding) return;
		const waitMs = Math.max(0, time - performance.now());
		this.#timer = setTimeout(() => this.go(), waitMs);
	}

	/** Waits until the executor has no item any more. */
	async #idle(ms: number): Promise<void> {
		if (this.#inFlight === 0) return;
		await new Promise<void>((resolve) => {
			const timer = setTimeout(resolve, ms);
			this.#onIdle = () => {
				clearTimeout(timer);
				resolve();
			};
		});
	}
}

const fatalOf = (error: unknown): AlgoError =>
	error instanceof AlgoError
		? error
		: new AlgoError("INTERNAL", String(error), { cause: error });
