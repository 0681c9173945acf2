import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { DataUrl } from "../config/values.ts";
import { AlgoError } from "../errors.ts";
import { type Acl, DEFAULT_ACL } from "./acl.ts";
import { below } from "./below.ts";
import type { Connector, Listing } from "./connector.ts";
import { ConnectionsFile } from "./connectors/connections.ts";
import { Connectors } from "./connectors/connectors.ts";
import type { ByteRange, Driver, ObjectInfo, OpenObject } from "./driver.ts";
import { FsDriver } from "./drivers/fs/fs.ts";
import { S3Driver } from "./drivers/s3/s3.ts";
import { typeOf } from "./file-type.ts";
import { heldBack } from "./hashing.ts";
import type { Collection } from "./hosted/collections.ts";
import { startExpiry } from "./hosted/expiry.ts";
import { HostedConnector } from "./hosted/hosted.ts";
import { sessionFolder } from "./hosted/place.ts";
import { readMarker, writeMarker } from "./marker.ts";
import { parsePath } from "./path.ts";
import { Queues } from "./queues.ts";
import { removeAll } from "./remove-all.ts";
import type { DataUser } from "./user.ts";

/** A page has no more entries (api-contract §5.3). */
export const MAX_PAGE = 1000;

export interface DataOptions {
	stateFolder: string;
	/** Otherwise a folder in the state folder. */
	url: DataUrl | undefined;
	s3Endpoint: string | undefined;
	/** Told of what goes wrong in the background. */
	onFault(error: unknown): void;
}

export interface FileInfo extends ObjectInfo {
	/** By the name's extension. */
	type: string;
}

/** The stream must be read or destroyed. */
export interface OpenFile extends OpenObject, FileInfo {}

export interface DirectoryPage extends Omit<Listing, "last"> {
	/** To go on from; absent on the last page. */
	marker?: string;
}

/**
 * Files and directories by path: a data URI, or one without `data://`. The errors are those of `Connector`, and
 * for every path BAD_REQUEST if it cannot be one and NOT_IMPLEMENTED for connectors that are not built.
 */
export class Data {
	/** Of accounts' own making. */
	readonly connectors: Connectors;
	/** What jobs keep, by the job's id; no path leads there. */
	readonly jobFiles: Driver;
	readonly #driver: Driver;
	readonly #onFault: (error: unknown) => void;
	readonly #hosted: HostedConnector;
	readonly #stopExpiry: () => void;
	/** Trees that have something under `.session`. */
	readonly #sessions = new Set<string>();
	readonly #appending = new Queues();

	private constructor(driver: Driver, options: DataOptions) {
		const { stateFolder, s3Endpoint, onFault } = options;
		this.#onFault = onFault;
		this.connectors = new Connectors(
			new ConnectionsFile(stateFolder),
			s3Endpoint,
		);
		this.jobFiles = below(driver, "jobs");
		this.#driver = driver;
		this.#hosted = new HostedConnector(driver);
		this.#stopExpiry = startExpiry(driver, onFault);
	}

	/** @throws Error: the folder cannot be written, the bucket cannot be used */
	static async open(options: DataOptions): Promise<Data> {
		return new Data(await openDriver(options), options);
	}

	/** @returns `undefined` if it is a directory */
	async get(
		user: DataUser,
		path: string,
		range?: ByteRange,
	): Promise<OpenFile | undefined> {
		const { connector, names } = await this.#resolve(user, path);
		const found = await connector.get(user, names, range);
		return found && { ...found, type: typeOf(names.at(-1) ?? "") };
	}

	/** @returns `undefined` if it is a directory */
	async stat(user: DataUser, path: string): Promise<FileInfo | undefined> {
		const { connector, names } = await this.#resolve(user, path);
		const found = await connector.stat(user, names);
		return found && { ...found, type: typeOf(names.at(-1) ?? "") };
	}

	/** A file or a directory. */
	async exists(user: DataUser, path: string): Promise<boolean> {
		try {
			await this.stat(user, path);
			return true;
		} catch (error) {
			if (error instanceof AlgoError && error.code === "PATH_NOT_FOUND")
				return false;
			throw error;
		}
	}

	/** @param limit of entries, 1 to MAX_PAGE */
	async list(
		user: DataUser,
		path: string,
		{ marker, limit = MAX_PAGE }: { marker?: string; limit?: number } = {},
	): Promise<DirectoryPage> {
		const { connector, names } = await this.#resolve(user, path);
		const after = marker === undefined ? undefined : readMarker(marker);
		const { last, ...page } = await connector.list(user, names, {
			after,
			limit,
		});
		return {
			...page,
			...(last !== undefined && { marker: writeMarker(last) }),
		};
	}

	/** @returns its URI */
	async put(user: DataUser, path: string, content: Readable): Promise<string> {
		const held = heldBack(content);
		const { connector, names } = await this.#resolve(user, path);
		if (user.inside && names[0] === ".session")
			this.#sessions.add(user.inside.tree);
		return connector.put(user, names, held);
	}

	/**
	 * Writes behind what a file holds, or begins one. Those who append to one file do so one after the other.
	 * @returns its URI
	 */
	async append(
		user: DataUser,
		path: string,
		content: Uint8Array,
	): Promise<string> {
		const { connector, names } = parsePath(path);
		const [root, ...rest] = names;
		const owner = root === ".my" ? user.caller.account : root;
		const file = [connector, owner, ...rest].join("/").toLowerCase();
		return this.#appending.run(file, async () => {
			const old = (await this.exists(user, path))
				? await this.get(user, path)
				: undefined;
			const parts = old ? [await buffer(old.stream), content] : [content];
			return this.put(user, path, Readable.from(parts, { objectMode: false }));
		});
	}

	/** @returns its URI */
	async createDirectory(
		user: DataUser,
		parent: string,
		name: string,
		acl: Acl = DEFAULT_ACL,
	): Promise<string> {
		const { connector, names } = await this.#resolve(user, parent);
		return connector.createDirectory(user, names, name, acl);
	}

	async setAcl(user: DataUser, path: string, acl: Acl): Promise<void> {
		const { connector, names } = await this.#resolve(user, path);
		return connector.setAcl(user, names, acl);
	}

	/**
	 * @param force a directory goes with all that is in it
	 * @returns how many files are gone
	 */
	async remove(user: DataUser, path: string, force = false): Promise<number> {
		const { connector, names } = await this.#resolve(user, path);
		return connector.remove(user, names, force);
	}

	/** The caller's own collections. */
	ownedBy(user: DataUser): Promise<Collection[]> {
		return this.#hosted.ownedBy(user);
	}

	/** A top-level call of an account has ended: its `.session` goes, if it has one. What a crash leaves expires. */
	endTree(account: string, tree: string): Promise<void> | undefined {
		if (!this.#sessions.delete(tree)) return undefined;
		return removeAll(this.#driver, sessionFolder(account, tree))
			.then(() => undefined)
			.catch(this.#onFault);
	}

	close(): void {
		this.#stopExpiry();
		this.#driver.close();
	}

	async #resolve(
		user: DataUser,
		path: string,
	): Promise<{ connector: Connector; names: string[] }> {
		const { connector: id, names } = parsePath(path);
		const connector =
			id === "data" ? this.#hosted : await this.connectors.find(user, id);
		return { connector, names };
	}
}

async function openDriver(options: DataOptions): Promise<Driver> {
	const { stateFolder, url, s3Endpoint: endpoint } = options;
	if (url === undefined) return FsDriver.open(join(stateFolder, "data"));
	const driver = await S3Driver.open(
		{ name: url.bucket, endpoint },
		url.prefix,
	);
	await driver.check();
	return driver;
}
