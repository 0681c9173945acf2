import { randomUUID } from "node:crypto";
import {
	type FileHandle,
	link,
	mkdir,
	open,
	rename,
	rm,
	rmdir,
	stat,
	unlink,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { partOf } from "../../byte-range.ts";
import type {
	ByteRange,
	Driver,
	FileEntry,
	ListOptions,
	ObjectInfo,
	OpenObject,
	Page,
	Part,
	PutOptions,
	Stored,
} from "../../driver.ts";
import { Hashing } from "../../hashing.ts";
import { faultOf, hasCode } from "./fault.ts";
import { toFileName } from "./file-name.ts";
import { Listings } from "./listings.ts";
import { removeLitter } from "./litter.ts";
import { readTrailer, TRAILER_BYTES } from "./trailer.ts";
import { syncFolder, writeSynced } from "./write.ts";

/** A read asks the disk for this much at a time. */
const READ_BYTES = 256 * 1024;
/** A folder may vanish under a put as often as deletes empty it; no more than this in a row. */
const MAX_TRIES = 20;

/** Objects as files below one folder, each with its ETag (`trailer.ts`). */
export class FsDriver implements Driver {
	readonly #root: string;
	readonly #unfinished: string;
	readonly #listings = new Listings();

	private constructor(root: string, unfinished: string) {
		this.#root = root;
		this.#unfinished = unfinished;
	}

	/** Makes the folder if need be, and removes what a killed server left half-written. */
	static async open(root: string): Promise<FsDriver> {
		const unfinished = join(root, ".unfinished");
		await mkdir(unfinished, { recursive: true });
		await removeLitter(unfinished);
		return new FsDriver(root, unfinished);
	}

	async put(
		key: string,
		content: Readable,
		{ onlyIfAbsent = false }: PutOptions = {},
	): Promise<Stored> {
		const hashing = new Hashing(content);
		const path = this.#pathOf(key);
		const unfinished = join(this.#unfinished, `${process.pid}-${randomUUID()}`);
		try {
			const stored = await writeSynced(unfinished, hashing);
			await this.#place(unfinished, path, onlyIfAbsent ? link : rename);
			return stored;
		} catch (error) {
			throw faultOf(error);
		} finally {
			await rm(unfinished, { force: true });
		}
	}

	async get(key: string, range?: ByteRange): Promise<OpenObject | undefined> {
		const path = this.#pathOf(key);
		const file = await openIfThere(path);
		if (file === undefined) return undefined;
		try {
			const info = await readTrailer(file, path);
			const part = partOf(info.bytes, range);
			return { ...info, part, stream: await streamOf(file, part) };
		} catch (error) {
			await file.close();
			if (hasCode(error, "EISDIR")) return undefined;
			throw error;
		}
	}

	async head(key: string): Promise<ObjectInfo | undefined> {
		const path = this.#pathOf(key);
		const file = await openIfThere(path);
		try {
			return file && (await readTrailer(file, path));
		} catch (error) {
			if (hasCode(error, "EISDIR")) return undefined;
			throw error;
		} finally {
			await file?.close();
		}
	}

	async delete(keys: readonly string[]): Promise<void> {
		const paths = keys.map((key) => this.#pathOf(key));
		await Promise.all(
			paths.map((path) =>
				unlink(path).catch((error) => {
					if (!hasCode(error, "ENOENT", "ENOTDIR")) throw error;
				}),
			),
		);
		for (const folder of new Set(paths.map(dirname)))
			await this.#sweepUp(folder);
	}

	async list(folder: string, { after, limit }: ListOptions): Promise<Page> {
		const path = folder === "" ? this.#root : this.#pathOf(folder);
		const { names, hasMore } = await this.#listings.read(path, after, limit);
		const files = await Promise.all(
			names
				.filter((name) => !name.endsWith("/"))
				.map((name) => entryOf(path, name)),
		);
		const last = hasMore ? names.at(-1) : undefined;
		return {
			folders: names
				.filter((name) => name.endsWith("/"))
				.map((name) => name.slice(0, -1)),
			files: files.filter((file) => file !== undefined),
			...(last !== undefined && { last }),
		};
	}

	close(): void {
		this.#listings.close();
	}

	#pathOf(key: string): string {
		return join(this.#root, ...key.split("/").map(toFileName));
	}

	/** @param move rename replaces what is there, link refuses to */
	async #place(
		from: string,
		to: string,
		move: typeof rename | typeof link,
	): Promise<void> {
		for (let tries = 1; ; tries++) {
			try {
				await move(from, to);
				break;
			} catch (error) {
				if (!hasCode(error, "ENOENT") || tries === MAX_TRIES) throw error;
				await this.#makeFolder(dirname(to));
			}
		}
		await syncFolder(dirname(to));
	}

	async #makeFolder(folder: string): Promise<void> {
		const topmost = await mkdir(folder, { recursive: true });
		if (topmost === undefined) return;
		for (let made = folder; ; made = dirname(made)) {
			await syncFolder(dirname(made));
			if (made === topmost) return;
		}
	}

	/** A folder goes with the last thing in it. */
	async #sweepUp(folder: string): Promise<void> {
		await syncFolder(folder);
		for (let empty = folder; empty !== this.#root; empty = dirname(empty)) {
			try {
				await rmdir(empty);
			} catch {
				return;
			}
		}
	}
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
	try {
		return await open(path);
	} catch (error) {
		if (hasCode(error, "ENOENT", "ENOTDIR")) return undefined;
		throw error;
	}
}

/** The stream closes the file. */
async function streamOf(file: FileHandle, part: Part): Promise<Readable> {
	const { firstByte: start, lastByte: end } = part;
	if (start <= end)
		return file.createReadStream({ start, end, highWaterMark: READ_BYTES });
	await file.close();
	return Readable.from([], { objectMode: false });
}

/** @returns `undefined` if it has gone since the folder was read */
async function entryOf(
	folder: string,
	name: string,
): Promise<FileEntry | undefined> {
	try {
		const { size, mtimeMs } = await stat(join(folder, toFileName(name)));
		return { name, bytes: size - TRAILER_BYTES, modifiedMs: mtimeMs };
	} catch (error) {
		if (hasCode(error, "ENOENT")) return undefined;
		throw error;
	}
}
