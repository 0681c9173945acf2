import { AlgoError } from "../errors.ts";
import type { JobEvent } from "../events.ts";
import type { JobRow } from "../store/jobs.ts";
import { complete } from "./complete.ts";
import { Execution } from "./execution.ts";
import type { Job, JobHouse } from "./house.ts";
import { Insistence } from "./insistence.ts";
import { type JobEnd, settle } from "./job-end.ts";
import type { OpenShard } from "./open-shard.ts";
import { OpenShards } from "./open-shards.ts";
import { RecentRate } from "./recent-rate.ts";
import { ShardKeeping } from "./shard-keeping.ts";
import { ShardSource } from "./shard-source.ts";
import { within } from "./within.ts";

/** So many shards may have items that wait for a worker: enough that none goes hungry while the next one is read. */
const MAX_UNFED = 2;
/** So many may wait for their last outcomes, or for items that are tried again. */
const MAX_OPEN = 64;
/** A job that holds so much in memory opens no further shard, */
const MAX_OPEN_BYTES = 32 * 2 ** 20;
/** and one that holds so much starts no further item, until some of it has been stored. */
const MAX_BYTES = 64 * 2 ** 20;
/** What is done of a shard is stored by itself when it holds so much, */
const PART_BYTES = 16 * 2 ** 20;
/** or runs for so long. */
const PART_MS = 5000;
/** The input is looked at again after so many looks. */
const LOOKS_AT_INPUT = 5;
/** A job that is ended stores what is done for so long. */
const KEEP_MS = 500;

export interface JobRunOptions {
	house: JobHouse;
	job: Job;
	/** The name of this server's leases. */
	owner: string;
	/** Whether this server reads the input, and says when the job is over; else it runs shards that it finds. */
	isOwner: boolean;
	onOver(): void;
}

/** A job that is run by this server, alone or beside others. */
export class JobRun {
	readonly isOwner: boolean;
	readonly #options: JobRunOptions;
	readonly #insistence: Insistence;
	/** On that the job is over. */
	readonly #lastInsistence = new Insistence(() => {});
	readonly #source: ShardSource;
	readonly #shards = new OpenShards();
	readonly #keeping: ShardKeeping;
	readonly #execution: Execution;
	readonly #rate = new RecentRate(performance.now());
	#looks = 0;
	#working: Promise<void> | undefined;
	#hasWork = false;
	#ending: Promise<void> | undefined;

	constructor(options: JobRunOptions) {
		const { house, job, owner, isOwner } = options;
		this.#options = options;
		this.isOwner = isOwner;
		const insistence = new Insistence((reason) => this.#tellPause(reason));
		this.#insistence = insistence;
		const shared = { house, job, owner, insistence };
		this.#source = new ShardSource({ ...shared, isReader: isOwner });
		this.#keeping = new ShardKeeping(shared);
		this.#execution = new Execution(job, house, this.#shards, insistence, {
			isFull: () => this.#bytes > MAX_BYTES,
			onOutcomes: (shard, count) => this.#took(shard, count),
			onHungry: () => this.#wake(),
			onFatal: (error) => this.#fail(error),
		});
		this.#tell("running");
		this.#wake();
	}

	/** Items a second. */
	get rate(): number {
		return this.#rate.perSecond(performance.now());
	}

	/** Why it does not go on. */
	get paused(): string | undefined {
		return this.#insistence.reason;
	}

	/** Once a second. @param row as it is now */
	look(row: JobRow): void {
		if (this.#ending) return;
		if (this.isOwner && row.owner !== this.#options.owner) {
			void this.release(0);
			return;
		}
		if (this.isOwner && row.status === "cancelling") {
			void this.cancel();
			return;
		}
		this.#keeping.storedFailures = row.failed;
		this.#source.lookAgain();
		const now = performance.now();
		for (const shard of this.#shards.all)
			if (shard.startedAt > 0 && now - shard.startedAt > PART_MS)
				this.#keepPart(shard);
		this.#looks++;
		if (this.#looks % LOOKS_AT_INPUT === 0)
			void this.#source.checkInput().then(() => this.#wake());
		this.#wake();
		this.#execution.go();
	}

	/** What is done is stored. */
	cancel(): Promise<void> {
		return this.#end({ status: "cancelled" }, 0);
	}

	/**
	 * Leaves it to others, or to a later start; if that is under way, sooner.
	 * @param graceMs how long what runs may go on
	 */
	release(graceMs: number): Promise<void> {
		this.#lastInsistence.end();
		if (this.#ending) void this.#execution.end(graceMs);
		return this.#end(undefined, graceMs);
	}

	get #bytes(): number {
		return this.#shards.bytes + this.#keeping.bytes;
	}

	get #wantsShard(): boolean {
		return (
			this.#shards.unfed < MAX_UNFED &&
			this.#shards.all.length < MAX_OPEN &&
			this.#bytes < MAX_OPEN_BYTES
		);
	}

	/** There may be something to do. */
	#wake(): void {
		this.#hasWork = true;
		this.#working ??= this.#work();
	}

	async #work(): Promise<void> {
		try {
			while (this.#hasWork && !this.#ending) {
				this.#hasWork = false;
				await this.#openShards();
				const isOver =
					this.#source.isEmpty &&
					this.#shards.all.length === 0 &&
					this.#keeping.isIdle;
				if (isOver && !this.#ending) await this.#over();
			}
		} catch (error) {
			this.#fail(error);
		} finally {
			this.#working = undefined;
		}
	}

	async #openShards(): Promise<void> {
		while (!this.#ending) {
			const next = await this.#source.next(this.#wantsShard);
			if (this.#source.isLost) void this.release(0);
			if (next === "none") return;
			if (next === "again") continue;
			this.#shards.add(next);
			this.#execution.go();
		}
	}

	#took(shard: OpenShard, count: number): void {
		const now = performance.now();
		this.#rate.add(count, now);
		if (!shard.isTimed && shard.hasRun) {
			shard.isTimed = true;
			this.#source.size.took(shard.shard.count, now - shard.startedAt);
		}
		if (shard.isDone) {
			this.#shards.remove(shard);
			this.#kept(this.#keeping.keep(shard.whole()));
		} else if (shard.outcomeBytes > PART_BYTES) this.#keepPart(shard);
		this.#checkErrors();
	}

	/** What is done of a shard. */
	#keepPart(shard: OpenShard): void {
		const parts = shard.part(performance.now());
		if (!parts) return;
		const { done, rest } = parts;
		this.#shards.replace(shard, rest);
		const kept = this.#keeping.keep(done).then((isOurs) => {
			if (!isOurs) this.#shards.remove(rest);
		});
		rest.before = kept;
		this.#kept(kept);
	}

	#kept(kept: Promise<unknown>): void {
		kept
			.catch((error) => {
				if (!this.#ending) this.#fail(error);
			})
			.finally(() => {
				this.#checkErrors();
				this.#wake();
				this.#execution.go(); // there is room in memory again
			});
	}

	/** All is done, or so it seems: others may have shards of it. */
	async #over(): Promise<void> {
		const { house, job, owner } = this.#options;
		const { breach } = this.#source;
		if (!this.isOwner) void this.release(0);
		else if (breach) this.#fail(breach);
		else if (await complete(job, house, owner, this.#insistence))
			void this.#end({ status: "completed" }, 0);
	}

	#checkErrors(): void {
		const { row, options } = this.#options.job;
		const failed = this.#keeping.failed + this.#shards.failed;
		if (row.maxFailed === null || failed <= row.maxFailed) return;
		const { maxErrors } = options;
		this.#fail(
			new AlgoError(
				"BAD_REQUEST",
				`more than ${maxErrors} items have failed, and maxErrors is ${maxErrors}; see the job's errors, then resume it or retry them`,
			),
		);
	}

	#fail(error: unknown): void {
		const isKnown = error instanceof AlgoError;
		if (!isKnown && !this.#ending) this.#options.house.onFault(error);
		void this.#end(
			{
				status: "failed",
				error: isKnown
					? error
					: new AlgoError("INTERNAL", String(error), { cause: error }),
			},
			0,
		);
	}

	/** @param end absent: the job goes on, elsewhere or later */
	#end(end: JobEnd | undefined, graceMs: number): Promise<void> {
		this.#ending ??= this.#finish(end, graceMs).finally(this.#options.onOver);
		return this.#ending;
	}

	async #finish(end: JobEnd | undefined, graceMs: number): Promise<void> {
		const { house, job, owner } = this.#options;
		await this.#execution.end(graceMs);
		this.#insistence.end();
		await within(KEEP_MS, this.#keepDone());
		this.#source.close();
		await within(KEEP_MS, Promise.resolve(this.#working)); // it may just be claiming a shard
		const { jobs, shards } = house.store;
		const isSettled = !end || end.status === "completed" || !this.isOwner;
		const tellingStore = isSettled
			? shards.release(job.id, owner)
			: this.#lastInsistence.on(() => settle(jobs, job.id, owner, end));
		await tellingStore.catch(house.onFault);
		this.#tell(
			end?.status ?? "left",
			end?.status === "failed" ? end.error.message : undefined,
		);
	}

	/** The first items of shards, as far as they have outcomes. */
	async #keepDone(): Promise<void> {
		for (const shard of this.#shards.all) {
			const done = shard.part(0)?.done;
			if (done) void this.#keeping.keep(done).catch(() => {});
		}
		await this.#keeping.settled();
	}

	#tellPause(reason: string | undefined): void {
		if (!this.isOwner) return;
		this.#tell(reason === undefined ? "running" : "paused", reason);
		const { house, job, owner } = this.#options;
		house.store.jobs.pause(job.id, owner, reason ?? null).catch(() => {}); // it may be the store that is full
	}

	#tell(change: JobEvent["change"], reason?: string): void {
		const { house, job } = this.#options;
		const { algorithm, account } = job.row;
		house.onJob({
			job: job.id,
			algorithm,
			account,
			change,
			...(reason !== undefined && { reason }),
		});
	}
}
