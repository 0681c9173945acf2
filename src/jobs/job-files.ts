import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { Driver, OpenObject } from "../data/driver.ts";
import { removeAll } from "../data/remove-all.ts";

/** The names of the objects of shards sort as their items do. */
const INDEX_DIGITS = 12;
/** Many small pieces are written as few. */
const CHUNK_BYTES = 128 * 1024;

/** What a shard keeps: its outcomes, and of failed items the inputs. */
export type ShardFile = "outcomes" | "failures";

/** A claim of a shard. Each has objects of its own: one that lost its lease overwrites nothing. */
export interface ShardClaim {
	firstIndex: number;
	claim: number;
}

/** The objects of one job: its input, if it was uploaded, and two for each shard that is done. */
export class JobFiles {
	readonly #driver: Driver;
	readonly #id: string;

	constructor(driver: Driver, id: string) {
		this.#driver = driver;
		this.#id = id;
	}

	/** The driver's key of what was uploaded. */
	get input(): string {
		return `${this.#id}/input`;
	}

	/** It is whole and survives a crash when this has resolved. @throws AlgoError STORAGE_FULL */
	async put(
		shard: ShardClaim,
		file: ShardFile,
		pieces: Iterable<Buffer>,
	): Promise<void> {
		const content = Readable.from(inChunks(pieces), { objectMode: false });
		await this.#driver.put(this.#keyOf(shard, file), content);
	}

	open(shard: ShardClaim, file: ShardFile): Promise<OpenObject | undefined> {
		return this.#driver.get(this.#keyOf(shard, file));
	}

	/** @throws Error: it is gone */
	async read(shard: ShardClaim, file: ShardFile): Promise<Buffer> {
		const found = await this.open(shard, file);
		if (found) return buffer(found.stream);
		throw new Error(
			`${this.#keyOf(shard, file)} is not in the data store any more; make the job again`,
		);
	}

	async removeShard(shard: ShardClaim): Promise<void> {
		await this.#driver.delete([
			this.#keyOf(shard, "outcomes"),
			this.#keyOf(shard, "failures"),
		]);
	}

	async removeAll(): Promise<void> {
		await removeAll(this.#driver, this.#id);
	}

	#keyOf({ firstIndex, claim }: ShardClaim, file: ShardFile): string {
		const name = String(firstIndex).padStart(INDEX_DIGITS, "0");
		return `${this.#id}/shards/${name}-${claim}.${file}`;
	}
}

function* inChunks(pieces: Iterable<Buffer>): Generator<Buffer> {
	let waiting: Buffer[] = [];
	let bytes = 0;
	for (const piece of pieces) {
		waiting.push(piece);
		bytes += piece.length;
		if (bytes < CHUNK_BYTES) continue;
		yield waiting.length === 1 ? piece : Buffer.concat(waiting);
		waiting = [];
		bytes = 0;
	}
	if (bytes > 0) yield Buffer.concat(waiting);
}
