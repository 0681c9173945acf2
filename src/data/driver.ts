import type { Readable } from "node:stream";

/**
 * Where bytes are kept: an object store's face. A key is names joined by `/`; a name is any UTF-8 without `/` and
 * control characters, never empty, `.` or `..`. No key is the folder of another one: what uses a driver keeps to that.
 */
export interface Driver {
	/**
	 * Stores a whole object or nothing: readers see the old one until this has resolved, and it then survives a crash.
	 * @throws AlgoError CONFLICT if `onlyIfAbsent` and it is there, STORAGE_FULL, BAD_REQUEST if the key cannot be kept;
	 * and whatever the stream fails with
	 */
	put(key: string, content: Readable, options?: PutOptions): Promise<Stored>;
	/**
	 * The stream must be read or destroyed.
	 * @returns `undefined` if there is none @throws AlgoError RANGE_NOT_SATISFIABLE
	 */
	get(key: string, range?: ByteRange): Promise<OpenObject | undefined>;
	head(key: string): Promise<ObjectInfo | undefined>;
	/** Those that are not there count as deleted. */
	delete(keys: readonly string[]): Promise<void>;
	/**
	 * What lies directly in a folder, by name. A folder is there while something is in it; some stores list an empty
	 * one for a while longer.
	 * @param folder without `/` at its end; "" is the top
	 */
	list(folder: string, options: ListOptions): Promise<Page>;
	close(): void;
}

export interface PutOptions {
	onlyIfAbsent?: boolean;
}

export interface Stored {
	bytes: number;
	/** MD5 of the content, in hex (api-contract §5.3). */
	etag: string;
}

export interface ObjectInfo extends Stored {
	modifiedMs: number;
}

export interface OpenObject extends ObjectInfo {
	stream: Readable;
	/** The part that the stream holds; the whole object without a range. */
	part: Part;
}

/** Both ends included. */
export interface Part {
	firstByte: number;
	lastByte: number;
}

export type ByteRange =
	| { firstByte: number; lastByte?: number }
	| { suffixBytes: number };

export interface ListOptions {
	/** Go on behind this entry, the `last` of the page before. */
	after?: string | undefined;
	/** At most this many entries, 1 to 1000. */
	limit: number;
}

export interface Page {
	folders: string[];
	files: FileEntry[];
	/** The page's last entry, a folder's with `/`; absent if nothing follows. */
	last?: string;
}

export interface FileEntry {
	name: string;
	bytes: number;
	modifiedMs: number;
}
