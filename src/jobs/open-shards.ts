import type { Cut } from "../items/cut.ts";
import type { ItemOutcomes } from "../runners/slice.ts";
import type { OpenShard } from "./open-shard.ts";

/** The shards of a job that are being run here, the oldest first. */
export class OpenShards {
	#all: readonly OpenShard[] = [];

	add(shard: OpenShard): void {
		this.#all = [...this.#all, shard];
	}

	remove(shard: OpenShard): void {
		this.#all = this.#all.filter((other) => other !== shard);
	}

	replace(shard: OpenShard, other: OpenShard): void {
		this.#all = this.#all.map((one) => (one === shard ? other : one));
	}

	get all(): readonly OpenShard[] {
		return this.#all;
	}

	/** Those that have items nobody has got yet. */
	get unfed(): number {
		return this.#sum((shard) => (shard.isFed ? 0 : 1));
	}

	get bytes(): number {
		return this.#sum((shard) => shard.bytes);
	}

	get failed(): number {
		return this.#sum((shard) => shard.failed);
	}

	/** When the next item is due that is tried again. */
	get dueAt(): number {
		return Math.min(
			Number.POSITIVE_INFINITY,
			...this.#all.map(({ dueAt }) => dueAt),
		);
	}

	next(maxItems: number, maxBytes: number, now: number): Cut | undefined {
		for (const shard of this.#all) {
			const cut = shard.next(maxItems, maxBytes, now);
			if (cut) return cut;
		}
		return undefined;
	}

	/** @returns the shard that they belong to */
	take(outcomes: ItemOutcomes, now: number): OpenShard | undefined {
		const shard = this.#all.find((one) => one.has(outcomes.firstIndex));
		shard?.take(outcomes, now);
		return shard;
	}

	/** What was given away and has no outcome waits again. */
	takeBack(): void {
		for (const shard of this.#all) shard.takeBack();
	}

	#sum(of: (shard: OpenShard) => number): number {
		let sum = 0;
		for (const shard of this.#all) sum += of(shard);
		return sum;
	}
}
