/** A shard is about so much work: what a crash costs at most, and how soon an outcome can be read. */
const SHARD_MS = 1000;
/** While nobody knows how long an item runs. */
const FIRST_ITEMS = 32;
const MAX_ITEMS = 50_000;
/** More than this at a time, and one slow item among fast ones would make a shard of hours. */
const MAX_GROWTH = 8;

/** How many items the next shard gets, by how long those before took. */
export class ShardSize {
	#items = FIRST_ITEMS;

	get items(): number {
		return this.#items;
	}

	/** Parts of a shard that are cut at a time, so that a part can be given away by itself. */
	get itemsInCut(): number {
		return Math.max(1, Math.min(1024, Math.floor(this.#items / 32)));
	}

	/** A shard of so many items has taken so long, from the first that was started to the last that ended. */
	took(items: number, ms: number): void {
		const fitting = (items * SHARD_MS) / Math.max(ms, 1);
		const most = Math.min(MAX_ITEMS, this.#items * MAX_GROWTH);
		this.#items = Math.round(Math.max(1, Math.min(most, fitting)));
	}
}
