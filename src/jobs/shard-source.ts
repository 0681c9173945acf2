import { AlgoError } from "../errors.ts";
import type { Cut } from "../items/cut.ts";
import type { ClaimedShard } from "../store/shards.ts";
import { Cutting } from "./cutting.ts";
import { inputOf, type Job, type JobHouse, leaseOf } from "./house.ts";
import type { Insistence } from "./insistence.ts";
import type { JobInput } from "./job-input.ts";
import { OpenShard } from "./open-shard.ts";
import { type CutShard, Reader, readRange } from "./reader.ts";
import { reopened } from "./reopened.ts";
import { ShardSize } from "./shard-size.ts";

/** Shards that are read before they are wanted; others may take them. */
const MAX_AHEAD = 1;

export interface SourceOptions {
	house: JobHouse;
	job: Job;
	/** The name of this server's leases. */
	owner: string;
	/** Whether this server reads the input. */
	isReader: boolean;
	insistence: Insistence;
}

/** Where the shards of a job come from: those that nobody holds, then what is read of the input. */
export class ShardSource {
	/** Of those that are read. */
	readonly size = new ShardSize();
	/** Why the rest of the input cannot be read. */
	breach: AlgoError | undefined;
	/** Somebody else reads the input now. */
	isLost = false;
	readonly #options: SourceOptions;
	readonly #input: JobInput;
	readonly #cutting: Cutting;
	readonly #reader: Reader;
	/** Items of shards that nobody had claimed when they were read. */
	readonly #ahead = new Map<number, Cut[]>();
	/** Whether all has been read that is read here. */
	#isAtEnd: boolean;
	#mayClaim = true;

	constructor(options: SourceOptions) {
		const { house, job, isReader } = options;
		const { cutIndex, cutByte, isCutThrough } = job.row;
		this.#options = options;
		this.#isAtEnd = !isReader || isCutThrough === 1;
		this.#input = inputOf(job, house);
		this.#cutting = new Cutting(this.#input, {
			format: job.format,
			csvTypes: job.options.csvTypes,
			maxItemBytes: house.maxInputBytes,
		});
		this.#reader = new Reader(this.#input, this.#cutting, {
			firstIndex: cutIndex,
			startByte: cutByte,
		});
	}

	/** Whether it has no more, as far as is known here. */
	get isEmpty(): boolean {
		return this.#isAtEnd && !this.#mayClaim;
	}

	/** Others may have let go of shards. */
	lookAgain(): void {
		this.#mayClaim = true;
	}

	/**
	 * Reads on, or claims a shard if one is wanted.
	 * @returns a shard that is ours; "again": not yet; "none": there is nothing to do now
	 */
	async next(isWanted: boolean): Promise<OpenShard | "again" | "none"> {
		if (isWanted && this.#mayClaim) return (await this.#claim()) ?? "again";
		if (this.#isAtEnd || !(isWanted || this.#ahead.size < MAX_AHEAD))
			return "none";
		try {
			return (await this.#cut(isWanted)) ?? "again";
		} catch (error) {
			if (!(error instanceof AlgoError)) throw error;
			this.#break(error);
			return "again";
		}
	}

	/** Whether the input is still what it was; if not, no more is read. */
	async checkInput(): Promise<void> {
		if (this.#isAtEnd) return;
		await this.#input.checkUnchanged().catch((error) => {
			if (error instanceof AlgoError) this.#break(error);
		});
	}

	close(): void {
		this.#input.close();
	}

	#break(error: AlgoError): void {
		this.breach ??= error;
		this.#isAtEnd = true;
	}

	async #claim(): Promise<OpenShard | undefined> {
		const { house, job, owner, insistence } = this.#options;
		const claimed = await insistence.on(() =>
			house.store.shards.claim(job.id, leaseOf(owner), Date.now()),
		);
		if (claimed) return this.#open(claimed);
		this.#mayClaim = false;
		this.#ahead.clear(); // others have taken what was left of it
		return undefined;
	}

	async #open(shard: ClaimedShard): Promise<OpenShard> {
		const { job, insistence } = this.#options;
		const cuts =
			this.#takeAhead(shard) ??
			(await insistence.on(() => readRange(this.#input, this.#cutting, shard)));
		return shard.stored === null
			? new OpenShard(shard, cuts, job.rules)
			: insistence.on(() => reopened(job, shard, cuts));
	}

	/** @returns its items, if it is as it was when they were read */
	#takeAhead({ firstIndex, endByte }: ClaimedShard): Cut[] | undefined {
		const cuts = this.#ahead.get(firstIndex);
		this.#ahead.delete(firstIndex);
		return cuts?.at(-1)?.endByte === endByte ? cuts : undefined;
	}

	/** Reads a shard. @param isWanted it is run here and now */
	async #cut(isWanted: boolean): Promise<OpenShard | undefined> {
		const { house, job, owner, insistence } = this.#options;
		const next = await this.#readOn();
		const isLast = next?.isLast ?? true;
		const lease = isWanted ? leaseOf(owner) : undefined;
		const isOurs = await insistence.on(() =>
			house.store.shards.cut(job.id, owner, next?.range, lease, isLast),
		);
		this.#isAtEnd = isLast || !isOurs;
		this.isLost = !isOurs;
		if (!isOurs || !next) return undefined;
		if (isWanted) {
			const shard = { ...next.range, claims: 1, stored: null, succeeded: 0 };
			return new OpenShard(shard, next.cuts, job.rules);
		}
		this.#ahead.set(next.range.firstIndex, next.cuts);
		this.#mayClaim = true;
		return undefined;
	}

	/** @throws AlgoError: the input is gone, another one, or not of its format */
	async #readOn(): Promise<CutShard | undefined> {
		const { job, insistence } = this.#options;
		const { items, itemsInCut } = this.size;
		if (job.row.inputBytes === 0) return undefined;
		const next = await insistence.on(() =>
			this.#reader.next(items, itemsInCut),
		);
		if (next?.isLast ?? true)
			await insistence.on(() => this.#input.checkUnchanged());
		return next;
	}
}
