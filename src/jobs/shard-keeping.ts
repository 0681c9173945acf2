import { type Job, type JobHouse, leaseOf } from "./house.ts";
import type { Insistence } from "./insistence.ts";
import type { DoneShard } from "./open-shard.ts";

export interface KeepingOptions {
	house: JobHouse;
	job: Job;
	/** The name of this server's leases. */
	owner: string;
	insistence: Insistence;
}

/** Stores what has become of shards: first the outcomes, then that they are there. */
export class ShardKeeping {
	/** Items of the job that have failed, as far as stored. */
	storedFailures: number;
	readonly #options: KeepingOptions;
	readonly #waiting = new Map<DoneShard, Promise<boolean>>();

	constructor(options: KeepingOptions) {
		this.#options = options;
		this.storedFailures = options.job.row.failed;
	}

	get isIdle(): boolean {
		return this.#waiting.size === 0;
	}

	/** What it holds in memory. */
	get bytes(): number {
		let bytes = 0;
		for (const done of this.#waiting.keys()) bytes += done.bytes;
		return bytes;
	}

	/** Items that have failed, stored or on their way. */
	get failed(): number {
		let failed = this.storedFailures;
		for (const done of this.#waiting.keys()) failed += done.failed;
		return failed;
	}

	/** @returns false if the shard was not ours any more: nothing is stored */
	keep(done: DoneShard): Promise<boolean> {
		const kept = this.#store(done).finally(() => this.#waiting.delete(done));
		this.#waiting.set(done, kept);
		return kept;
	}

	/** All that is on its way has arrived, or failed. */
	async settled(): Promise<void> {
		await Promise.allSettled(this.#waiting.values());
	}

	async #store(done: DoneShard): Promise<boolean> {
		const { house, job, owner, insistence } = this.#options;
		const { firstIndex, claims, stored } = done.shard;
		const claim = { firstIndex, claim: claims };
		await insistence.on(() => job.files.put(claim, "outcomes", done.outcomes));
		if (done.failed > 0)
			await insistence.on(() =>
				job.files.put(claim, "failures", done.failures()),
			);
		// The shard that it is the rest of comes first: until then the store does not know it.
		await done.before;
		const total = await insistence.on(() =>
			house.store.shards.finish(job.id, leaseOf(owner), done.shard, done),
		);
		if (total === undefined) return false;
		this.storedFailures = total.failed;
		if (stored !== null)
			await job.files.removeShard({ firstIndex, claim: stored });
		return true;
	}
}
