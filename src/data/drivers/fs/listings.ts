import { opendir } from "node:fs/promises";
import { hasCode } from "./fault.ts";
import { fromFileName } from "./file-name.ts";
import { sortInTurns } from "./sort.ts";

/** So long may a client take from one page to the next and go on in the same reading of the folder. */
const KEEP_MS = 60_000;
/** Names that are asked of the disk at a time. */
const READ_NAMES = 1024;
/** Folders whose reading is kept at a time. */
const MAX_KEPT = 8;

interface Listing {
	/** Sorted; a folder's name ends with `/`. */
	names: string[];
	timer: NodeJS.Timeout;
}

/** Folders that are read page by page: the first page reads and sorts, the others go on where it was. */
export class Listings {
	readonly #kept = new Map<string, Listing>();

	/** @returns names behind `after`, `limit` at most, and whether more follow */
	async read(
		path: string,
		after: string | undefined,
		limit: number,
	): Promise<{ names: string[]; hasMore: boolean }> {
		const kept = after === undefined ? undefined : this.#kept.get(path);
		const all = kept?.names ?? (await readNames(path));
		const start = after === undefined ? 0 : indexBehind(all, after);
		const hasMore = start + limit < all.length;
		if (kept === undefined && hasMore) this.#keep(path, all);
		return { names: all.slice(start, start + limit), hasMore };
	}

	close(): void {
		for (const path of this.#kept.keys()) this.#forget(path);
	}

	#keep(path: string, names: string[]): void {
		this.#forget(path);
		const [oldest] = this.#kept.keys();
		if (oldest !== undefined && this.#kept.size === MAX_KEPT)
			this.#forget(oldest);
		const timer = setTimeout(() => this.#forget(path), KEEP_MS).unref();
		this.#kept.set(path, { names, timer });
	}

	#forget(path: string): void {
		clearTimeout(this.#kept.get(path)?.timer);
		this.#kept.delete(path);
	}
}

async function readNames(path: string): Promise<string[]> {
	const names: string[] = [];
	try {
		for await (const entry of await opendir(path, { bufferSize: READ_NAMES })) {
			const name = fromFileName(entry.name);
			if (name !== undefined)
				names.push(entry.isDirectory() ? `${name}/` : name);
		}
	} catch (error) {
		if (!hasCode(error, "ENOENT", "ENOTDIR")) throw error;
	}
	return sortInTurns(names);
}

/** The first index whose name is greater. */
function indexBehind(names: readonly string[], after: string): number {
	let low = 0;
	let high = names.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if ((names[middle] as string) <= after) low = middle + 1;
		else high = middle;
	}
	return low;
}
