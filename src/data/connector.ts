import type { Readable } from "node:stream";
import type { Acl } from "./acl.ts";
import type {
	ByteRange,
	FileEntry,
	ListOptions,
	ObjectInfo,
	OpenObject,
} from "./driver.ts";
import type { DataUser } from "./user.ts";

/** Where data URIs lead: `data://` itself, or somebody's bucket. `names` are those of the path. */
export interface Connector {
	/** @returns `undefined` if it is a directory @throws AlgoError PATH_NOT_FOUND, FORBIDDEN, RANGE_NOT_SATISFIABLE */
	get(
		user: DataUser,
		names: readonly string[],
		range?: ByteRange,
	): Promise<OpenObject | undefined>;
	/** @returns `undefined` if it is a directory @throws AlgoError PATH_NOT_FOUND, FORBIDDEN */
	stat(
		user: DataUser,
		names: readonly string[],
	): Promise<ObjectInfo | undefined>;
	/** @throws AlgoError PATH_NOT_FOUND, FORBIDDEN */
	list(
		user: DataUser,
		names: readonly string[],
		options: ListOptions,
	): Promise<Listing>;
	/** @returns its URI @throws AlgoError PATH_NOT_FOUND, FORBIDDEN, BAD_REQUEST, STORAGE_FULL */
	put(
		user: DataUser,
		names: readonly string[],
		content: Readable,
	): Promise<string>;
	/** @returns its URI @throws AlgoError PATH_NOT_FOUND, FORBIDDEN, BAD_REQUEST, CONFLICT */
	createDirectory(
		user: DataUser,
		parent: readonly string[],
		name: string,
		acl: Acl,
	): Promise<string>;
	/** @throws AlgoError PATH_NOT_FOUND, FORBIDDEN, BAD_REQUEST */
	setAcl(user: DataUser, names: readonly string[], acl: Acl): Promise<void>;
	/**
	 * @param force a directory goes with all that is in it
	 * @returns how many files are gone
	 * @throws AlgoError PATH_NOT_FOUND, FORBIDDEN, BAD_REQUEST, CONFLICT, PartlyDeleted
	 */
	remove(
		user: DataUser,
		names: readonly string[],
		force: boolean,
	): Promise<number>;
}

export interface Listing {
	folders: string[];
	files: FileEntry[];
	/** The last entry; absent if nothing follows. */
	last?: string;
	/** Of a collection. */
	acl?: Acl;
}
