import { setImmediate as nextTurn } from "node:timers/promises";
import type { Letter } from "../letter.ts";
import type { DataSinkOptions } from "../options.ts";
import type { Sink } from "../sink.ts";
import { type DataAccess, PartsDirectory } from "./data-directory.ts";
import { PART_BYTES, Part } from "./data-part.ts";
import { recentIds } from "./data-recent.ts";

const NEWLINE = Buffer.from("\n");

/** Lines that are stored with one put, or all not. */
class Group {
	readonly lines: Buffer[] = [];
	readonly stored = Promise.withResolvers<void>();
	bytes = 0;

	takes(bytes: number): boolean {
		return this.bytes === 0 || this.bytes + bytes <= PART_BYTES;
	}

	add(body: Buffer): void {
		this.lines.push(body, NEWLINE);
		this.bytes += body.length + 1;
	}
}

/**
 * NDJSON parts in a collection, a line a letter. What comes while a put is under way goes with the next one. Each process
 * writes parts of its own, whose names begin with the time: `2026-11-26T18-42-11.123Z-1f2e3d4c-000001.ndjson`. A part that
 * has not changed for a minute is final.
 */
class DataSink implements Sink {
	readonly #directory: PartsDirectory;
	readonly #waiting: Group[] = [];
	#part: Part | undefined;
	#storing: Promise<void> | undefined;
	#isClosed = false;

	constructor(directory: PartsDirectory) {
		this.#directory = directory;
	}

	async put({ body }: Letter): Promise<void> {
		if (this.#isClosed) throw new Error(`${this.#directory.path} is closed`);
		const group = this.#groupFor(body.length + 1);
		group.add(body);
		this.#storing ??= this.#storeAll();
		return group.stored.promise;
	}

	recentIds(): Promise<string[]> {
		return recentIds(this.#directory);
	}

	async close(): Promise<void> {
		this.#isClosed = true;
		await this.#storing;
		this.#part?.end();
	}

	#groupFor(bytes: number): Group {
		const last = this.#waiting.at(-1);
		if (last?.takes(bytes)) return last;
		const group = new Group();
		this.#waiting.push(group);
		return group;
	}

	/** Between two puts those whose lines were stored have a turn: what they put now goes along. */
	async #storeAll(): Promise<void> {
		await nextTurn();
		for (
			let group = this.#waiting.shift();
			group;
			group = this.#waiting.shift()
		) {
			await this.#store(group);
			await nextTurn();
		}
		this.#storing = undefined;
	}

	async #store({ lines, bytes, stored }: Group): Promise<void> {
		try {
			await this.#partFor(bytes).add(lines);
			stored.resolve();
		} catch (error) {
			const { path } = this.#directory;
			const why = (error as Error).message;
			stored.reject(new Error(`${path}: ${why}`, { cause: error }));
		}
	}

	#partFor(bytes: number): Part {
		if (this.#part?.takes(bytes)) return this.#part;
		this.#part?.end();
		this.#part = new Part(this.#directory);
		return this.#part;
	}
}

/**
 * Makes the collection if it is missing, readable by its owner's algorithms.
 * @throws Error if the path cannot be one, AlgoError if it cannot be made
 */
export async function openDataSink(
	{ path }: DataSinkOptions,
	access: DataAccess & { name: string },
): Promise<Sink> {
	const directory = new PartsDirectory(path, access);
	await directory.make();
	return new DataSink(directory);
}
