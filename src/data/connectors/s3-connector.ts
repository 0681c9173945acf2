import type { Readable } from "node:stream";
import { AlgoError } from "../../errors.ts";
import { demandAccess, type Use } from "../access.ts";
import type { Connector, Listing } from "../connector.ts";
import type {
	ByteRange,
	Driver,
	ListOptions,
	ObjectInfo,
	OpenObject,
} from "../driver.ts";
import { pathNotFound } from "../not-found.ts";
import { demandEmpty, removeAll } from "../remove-all.ts";
import type { DataUser } from "../user.ts";
import { type Connection, idOf } from "./connection.ts";
import { isCovered } from "./pattern.ts";

/** `s3://BUCKET/KEY` with somebody's own credentials, as far as his connection allows (api-contract §5.10). */
export class S3Connector implements Connector {
	readonly #connection: Connection;
	readonly #open: (bucket: string) => Promise<Driver>;

	constructor(
		connection: Connection,
		open: (bucket: string) => Promise<Driver>,
	) {
		this.#connection = connection;
		this.#open = open;
	}

	async get(
		user: DataUser,
		names: readonly string[],
		range?: ByteRange,
	): Promise<OpenObject | undefined> {
		const { driver, key } = await this.#resolve(user, names, "read");
		if (key === "") return undefined;
		const found = await driver.get(key, range);
		if (found === undefined) await demandDirectory(driver, key);
		return found;
	}

	async stat(
		user: DataUser,
		names: readonly string[],
	): Promise<ObjectInfo | undefined> {
		const { driver, key } = await this.#resolve(user, names, "read");
		const found = key === "" ? undefined : await driver.head(key);
		if (found === undefined) await demandDirectory(driver, key);
		return found;
	}

	async list(
		user: DataUser,
		names: readonly string[],
		options: ListOptions,
	): Promise<Listing> {
		const { driver, key } = await this.#resolve(user, names, "read");
		const page = await driver.list(key, options);
		const isEmpty = page.files.length + page.folders.length === 0;
		if (isEmpty && key !== "" && options.after === undefined)
			throw pathNotFound();
		return page;
	}

	async put(
		user: DataUser,
		names: readonly string[],
		content: Readable,
	): Promise<string> {
		const { driver, key } = await this.#resolve(user, names, "write");
		if (key === "")
			throw new AlgoError("BAD_REQUEST", "a file is s3://BUCKET/KEY");
		await driver.put(key, content);
		return `${idOf(this.#connection)}://${names.join("/")}`;
	}

	async createDirectory(): Promise<never> {
		throw new AlgoError(
			"BAD_REQUEST",
			"a directory of s3:// is there as soon as a file is in it; put the file",
		);
	}

	async setAcl(): Promise<never> {
		throw new AlgoError(
			"BAD_REQUEST",
			"only a collection of data:// has an acl",
		);
	}

	async remove(
		user: DataUser,
		names: readonly string[],
		force: boolean,
	): Promise<number> {
		const { driver, key } = await this.#resolve(user, names, "write");
		if (key === "")
			throw new AlgoError("BAD_REQUEST", "a bucket cannot be deleted here");
		if (await driver.head(key)) {
			await driver.delete([key]);
			return 1;
		}
		await demandDirectory(driver, key);
		if (!force) await demandEmpty(driver, key);
		return removeAll(driver, key);
	}

	/** @throws AlgoError FORBIDDEN, BAD_REQUEST */
	async #resolve(
		user: DataUser,
		names: readonly string[],
		use: Use,
	): Promise<{ driver: Driver; key: string }> {
		const { account: owner, path, isWriteable } = this.#connection;
		demandAccess(user, { owner, acl: "private" }, use);
		const [bucket, ...key] = names;
		if (
			bucket === undefined ||
			!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)
		)
			throw new AlgoError(
				"BAD_REQUEST",
				"a path of s3:// begins with a bucket",
			);
		if (!isCovered(names.join("/"), path))
			throw forbidden(`it is limited to ${path}`);
		if (use === "write" && !isWriteable)
			throw forbidden("it is for reading only");
		return { driver: await this.#open(bucket), key: key.join("/") };
	}
}

const forbidden = (why: string): AlgoError =>
	new AlgoError("FORBIDDEN", `the connector does not allow this: ${why}`);

/** @throws AlgoError PATH_NOT_FOUND */
async function demandDirectory(driver: Driver, folder: string): Promise<void> {
	const { files, folders } = await driver.list(folder, { limit: 1 });
	if (folder !== "" && files.length + folders.length === 0)
		throw pathNotFound();
}
