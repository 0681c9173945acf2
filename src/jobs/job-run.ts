import { AlgoError } from "../errors.ts";
import type { Cut } from "../items/cut.ts";
import type { JobRow } from "../store/jobs.ts";
import type { ClaimedShard } from "../store/shards.ts";
import { Cutting } from "./cutting.ts";
import { Execution } from "./execution.ts";
import { inputOf, type Job, type JobHouse, leaseOf } from "./house.ts";
import { Insistence } from "./insistence.ts";
import type { JobInput } from "./job-input.ts";
import { type DoneShard, OpenShard } from "./open-shard.ts";
import { OpenShards } from "./open-shards.ts";
import { outputOf } from "./output.ts";
import { type CutShard, Reader, readRange } from "./reader.ts";
import { RecentRate } from "./recent-rate.ts";
import { reopened } from "./reopened.ts";
import { ShardSize } from "./shard-size.ts";

/** So many shards may have items that wait for a worker: enough that none goes hungry while the next one is read. */
const MAX_UNFED = 2;
/** So many may wait for their last outcomes, or for items that are tried again. */
const MAX_OPEN = 64;
/** And so much they may hold in memory when another one is opened. */
const MAX_OPEN_BYTES = 32 * 2 ** 20;
/** Shards that are read before they are wanted; others may take them. */
const MAX_AHEAD = 1;
/** What is done of a shard is stored by itself when it holds so much, */
const PART_BYTES = 16 * 2 ** 20;
/** or runs for so long. */
const PART_MS = 5000;
/** The input is looked at again after so many looks. */
const LOOKS_AT_INPUT = 5;
/** A job that is ended stores what is done for so long. */
const KEEP_MS = 500;

type End = { status: "cancelled" } | { status: "failed"; error: AlgoError };

/** A job that is run by this server, alone or beside others. */
export class JobRun {
	readonly job: Job;
	/** Whether this server reads the input, and says when the job is over; else it runs shards that it finds. */
	readonly isOwner: boolean;
	readonly #house: JobHouse;
	readonly #owner: string;
	readonly #onOver: (run: JobRun) => void;
	readonly #insistence: Insistence;
	/** On that the job is over. */
	readonly #lastInsistence = new Insistence(() => {});
	readonly #shards = new OpenShards();
	readonly #storing = new Map<DoneShard, Promise<void>>();
	readonly #execution: Execution;
	readonly #input: JobInput;
	readonly #cutting: Cutting;
	readonly #reader: Reader;
	readonly #size = new ShardSize();
	readonly #rate = new RecentRate(performance.now());
	/** Items of shards that nobody had claimed when they were read. */
	readonly #ahead = new Map<number, Cut[]>();
	/** Nothing more is read here. */
	#isCutThrough: boolean;
	/** Why the rest of the input cannot be read; what was before that is run. */
	#breach: AlgoError | undefined;
	#mayClaim = true;
	#failed: number;
	#looks = 0;
	#isAwake = false;
	#hasWork = false;
	#isCompleting = false;
	#ending: Promise<void> | undefined;

	/** @param owner the name of this server's leases */
	constructor(
		house: JobHouse,
		owner: string,
		job: Job,
		isOwner: boolean,
		onOver: (run: JobRun) => void,
	) {
		this.job = job;
		this.isOwner = isOwner;
		this.#house = house;
		this.#owner = owner;
		this.#onOver = onOver;
		this.#insistence = new Insistence((reason) => this.#tellPause(reason));
		const { isCutThrough, cutIndex, cutByte, failed } = job.row;
		this.#failed = failed;
		this.#isCutThrough = !isOwner || isCutThrough === 1;
		this.#input = inputOf(job, house);
		const from = { firstIndex: cutIndex, startByte: cutByte };
		this.#cutting = new Cutting(this.#input, {
			format: job.format,
			csvTypes: job.options.csvTypes,
			maxItemBytes: house.maxInputBytes,
		});
		this.#reader = new Reader(this.#input, this.#cutting, from);
		this.#execution = new Execution(
			job,
			house,
			this.#shards,
			this.#insistence,
			{
				onOutcomes: (shard, count) => this.#took(shard, count),
				onHungry: () => this.#wake(),
				onFatal: (error) => this.#fail(error),
			},
		);
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
		if (this.isOwner && row.owner !== this.#owner) {
			void this.release(0);
			return;
		}
		if (row.status === "cancelling" && this.isOwner) {
			void this.cancel();
			return;
		}
		this.#failed = row.failed;
		this.#mayClaim = true;
		const now = performance.now();
		for (const shard of this.#shards.all)
			if (shard.startedAt > 0 && now - shard.startedAt > PART_MS)
				this.#storePart(shard);
		this.#looks++;
		if (!this.#isCutThrough && this.#looks % LOOKS_AT_INPUT === 0)
			this.#input.checkUnchanged().catch((error) => {
				if (error instanceof AlgoError) this.#break(error);
			});
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

	/** There may be something to do. */
	#wake(): void {
		this.#hasWork = true;
		if (!this.#isAwake) void this.#work();
	}

	async #work(): Promise<void> {
		this.#isAwake = true;
		try {
			while (this.#hasWork && !this.#ending) {
				this.#hasWork = false;
				while (!this.#ending && (await this.#openNext()));
				if (!this.#ending && this.#isOver) await this.#over();
			}
		} catch (error) {
			this.#fail(error);
		} finally {
			this.#isAwake = false;
		}
	}

	get #wantsShard(): boolean {
		return (
			this.#shards.unfed < MAX_UNFED &&
			this.#shards.all.length < MAX_OPEN &&
			this.#shards.bytes < MAX_OPEN_BYTES
		);
	}

	get #isOver(): boolean {
		return (
			this.#isCutThrough &&
			!this.#mayClaim &&
			this.#ahead.size === 0 &&
			this.#shards.all.length === 0 &&
			this.#storing.size === 0
		);
	}

	/** @returns false if there is none to open now */
	async #openNext(): Promise<boolean> {
		const isWanted = this.#wantsShard;
		if (isWanted && this.#mayClaim) {
			const { shards } = this.#house.store;
			const claimed = await this.#insistence.on(() =>
				shards.claim(this.job.id, leaseOf(this.#owner), Date.now()),
			);
			if (claimed) await this.#openClaimed(claimed);
			else {
				this.#mayClaim = false;
				this.#ahead.clear(); // others have taken what is left of it
			}
			return true;
		}
		if (this.#isCutThrough) return false;
		return (isWanted || this.#ahead.size < MAX_AHEAD) && this.#cut(isWanted);
	}

	/** Reads on. @param isWanted it is run here and now */
	async #cut(isWanted: boolean): Promise<boolean> {
		let next: CutShard | undefined;
		try {
			next = await this.#readOn();
		} catch (error) {
			if (!(error instanceof AlgoError)) throw error;
			this.#break(error);
			return false;
		}
		const isLast = next?.isLast ?? true;
		if (this.#ending) return false;
		const lease = isWanted ? leaseOf(this.#owner) : undefined;
		const isOurs = await this.#insistence.on(() =>
			this.#house.store.shards.cut(
				this.job.id,
				this.#owner,
				next?.range,
				lease,
				isLast,
			),
		);
		if (!isOurs) {
			void this.release(0);
			return false;
		}
		this.#isCutThrough = isLast;
		if (next && isWanted)
			this.#open(
				{ ...next.range, claims: 1, stored: null, succeeded: 0 },
				next.cuts,
			);
		else if (next) {
			this.#ahead.set(next.range.firstIndex, next.cuts);
			this.#mayClaim = true;
		}
		return true;
	}

	/** @throws AlgoError: the input is gone, another one, or not of its format */
	async #readOn(): Promise<CutShard | undefined> {
		const { items, itemsInCut } = this.#size;
		const next =
			this.job.row.inputBytes === 0
				? undefined
				: await this.#insistence.on(() => this.#reader.next(items, itemsInCut));
		if (next?.isLast ?? true)
			await this.#insistence.on(() => this.#input.checkUnchanged());
		return next;
	}

	#break(error: AlgoError): void {
		this.#breach ??= error;
		this.#isCutThrough = true;
		this.#wake();
	}

	async #openClaimed(shard: ClaimedShard): Promise<void> {
		const ahead = this.#ahead.get(shard.firstIndex);
		this.#ahead.delete(shard.firstIndex);
		const isWhole = ahead?.at(-1)?.endByte === shard.endByte;
		const cuts =
			ahead && isWhole
				? ahead
				: await this.#insistence.on(() =>
						readRange(this.#input, this.#cutting, shard),
					);
		if (shard.stored === null) this.#open(shard, cuts);
		else
			this.#shards.add(
				await this.#insistence.on(() => reopened(this.job, shard, cuts)),
			);
		this.#execution.go();
	}

	#open(shard: ClaimedShard, cuts: Cut[]): void {
		this.#shards.add(new OpenShard(shard, cuts, this.job.rules));
		this.#execution.go();
	}

	#took(shard: OpenShard, count: number): void {
		const now = performance.now();
		this.#rate.add(count, now);
		if (!shard.isTimed && shard.hasRun) {
			shard.isTimed = true;
			this.#size.took(shard.shard.count, now - shard.startedAt);
		}
		if (shard.isDone) {
			this.#shards.remove(shard);
			this.#store(shard.whole());
		} else if (shard.outcomeBytes > PART_BYTES) this.#storePart(shard);
		this.#checkErrors();
	}

	#storePart(shard: OpenShard): void {
		const parts = shard.part(performance.now());
		if (!parts) return;
		this.#shards.replace(shard, parts.rest);
		this.#store(parts.done, parts.rest);
	}

	/** @param rest what it leaves */
	#store(done: DoneShard, rest?: OpenShard): void {
		const stored = this.#keep(done, rest)
			.catch((error) => {
				if (!this.#ending) this.#fail(error);
			})
			.finally(() => {
				this.#storing.delete(done);
				this.#checkErrors();
				this.#wake();
				this.#execution.go(); // there is room in memory again
			});
		this.#storing.set(done, stored);
	}

	async #keep(done: DoneShard, rest: OpenShard | undefined): Promise<void> {
		const { id, files } = this.job;
		const { firstIndex, claims, stored } = done.shard;
		const claim = { firstIndex, claim: claims };
		await this.#insistence.on(() =>
			files.put(claim, "outcomes", done.outcomes),
		);
		if (done.failed > 0)
			await this.#insistence.on(() =>
				files.put(claim, "failures", done.failures()),
			);
		const total = await this.#insistence.on(() =>
			this.#house.store.shards.finish(
				id,
				leaseOf(this.#owner),
				done.shard,
				done,
			),
		);
		if (total === undefined) {
			if (rest) this.#shards.remove(rest);
			return;
		}
		this.#failed = total.failed;
		if (stored !== null) await files.removeShard({ firstIndex, claim: stored });
	}

	/** All is done, or so it seems: others may have shards of it. */
	async #over(): Promise<void> {
		if (!this.isOwner) {
			await this.#end(undefined, 0);
			return;
		}
		if (this.#breach) {
			this.#fail(this.#breach);
			return;
		}
		if (this.#isCompleting) return;
		this.#isCompleting = true;
		const { id, options, caller } = this.job;
		const { store, data } = this.#house;
		const isAll = await this.#insistence.on(() => store.shards.areDone(id));
		if (isAll && options.output !== undefined) {
			const { output } = options;
			await this.#insistence.on(() =>
				data.put({ caller }, output, outputOf(this.job, store)),
			);
		}
		const isSettled =
			isAll &&
			(await this.#insistence.on(() =>
				store.jobs.settle(
					id,
					this.#owner,
					{ status: "completed", error: null },
					new Date(),
				),
			));
		this.#isCompleting = false;
		if (isSettled) await this.#end(undefined, 0);
	}

	#checkErrors(): void {
		const { maxFailed } = this.job.row;
		if (maxFailed === null || this.#ending) return;
		let failed = this.#failed + this.#shards.failed;
		for (const done of this.#storing.keys()) failed += done.failed;
		if (failed > maxFailed)
			this.#fail(
				new AlgoError(
					"BAD_REQUEST",
					`more than ${this.job.options.maxErrors} items have failed, which is its maxErrors; see its errors, then resume it or retry them`,
				),
			);
	}

	#fail(error: unknown): void {
		const isKnown = error instanceof AlgoError;
		if (!isKnown) this.#house.onFault(error);
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
	#end(end: End | undefined, graceMs: number): Promise<void> {
		this.#ending ??= this.#finish(end, graceMs).finally(() =>
			this.#onOver(this),
		);
		return this.#ending;
	}

	async #finish(end: End | undefined, graceMs: number): Promise<void> {
		await this.#execution.end(graceMs);
		this.#insistence.end();
		await within(KEEP_MS, this.#keepDone());
		this.#input.close();
		const { jobs, shards } = this.#house.store;
		const { id } = this.job;
		if (!end || !this.isOwner) {
			await shards.release(id, this.#owner).catch(this.#house.onFault);
			return;
		}
		const cancelled = { status: "cancelled", error: null } as const;
		const settled =
			end.status === "failed"
				? { status: end.status, error: writtenError(end.error) }
				: cancelled;
		await this.#lastInsistence
			.on(async () => {
				const at = new Date();
				if (!(await jobs.settle(id, this.#owner, settled, at)))
					await jobs.settle(id, this.#owner, cancelled, at);
			})
			.catch(this.#house.onFault);
	}

	/** The first items of shards, as far as they have outcomes. */
	async #keepDone(): Promise<void> {
		const kept = this.#shards.all.map(async (shard) => {
			const done = shard.isDone ? shard.whole() : shard.part(0)?.done;
			if (done) await this.#keep(done, undefined);
		});
		await Promise.allSettled([...kept, ...this.#storing.values()]);
	}

	#tellPause(reason: string | undefined): void {
		if (this.isOwner)
			this.#house.store.jobs
				.pause(this.job.id, this.#owner, reason ?? null)
				.catch(() => {}); // it may be the store that is full
	}
}

function writtenError(error: AlgoError): string {
	const { message, errorType } = error;
	return JSON.stringify({
		message,
		...(errorType !== undefined && { error_type: errorType }),
	});
}

async function within(ms: number, work: Promise<void>): Promise<void> {
	let timer: NodeJS.Timeout | undefined;
	const time = new Promise<void>((resolve) => {
		timer = setTimeout(resolve, ms);
	});
	await Promise.race([work, time]);
	clearTimeout(timer);
}
