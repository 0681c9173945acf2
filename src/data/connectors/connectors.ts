import { isOwner } from "../../accounts/caller.ts";
import { AlgoError } from "../../errors.ts";
import type { Connector } from "../connector.ts";
import type { Driver } from "../driver.ts";
import { S3Driver } from "../drivers/s3/s3.ts";
import type { DataUser } from "../user.ts";
import {
	type Connection,
	idOf,
	notImplemented,
	readConnection,
} from "./connection.ts";
import type { Connections } from "./connections.ts";
import { S3Connector } from "./s3-connector.ts";

/** Buckets whose client, with its open sockets, is kept. */
const MAX_OPEN = 64;

/** The connectors that accounts have made for themselves. */
export class Connectors {
	readonly #connections: Connections;
	readonly #endpoint: string | undefined;
	readonly #open = new Map<string, Promise<Driver>>();

	/** @param endpoint the operator's: a user's own would let him ask what only this machine can reach */
	constructor(connections: Connections, endpoint: string | undefined) {
		this.#connections = connections;
		this.#endpoint = endpoint;
	}

	/** @throws AlgoError NOT_IMPLEMENTED, PATH_NOT_FOUND */
	async find(user: DataUser, id: string): Promise<Connector> {
		if (!/^s3\b/.test(id)) throw notImplemented(id);
		const found = await this.#connections.find(user.caller.account, id);
		if (found === undefined) throw unknown(id);
		return new S3Connector(found, (bucket) => this.#driver(found, bucket));
	}

	/**
	 * @param account whose it becomes
	 * @param body as it came: `label`, `protocol`, `cred_data`, … (api-contract §5.10)
	 * @throws AlgoError FORBIDDEN, BAD_REQUEST, NOT_IMPLEMENTED, CONFLICT
	 */
	async add(
		user: DataUser,
		account: string,
		body: unknown,
	): Promise<Connection> {
		demandManage(user, account);
		const connection = readConnection(account, body);
		await this.#connections.add(connection);
		return connection;
	}

	/** @throws AlgoError FORBIDDEN, PATH_NOT_FOUND */
	async remove(user: DataUser, account: string, id: string): Promise<void> {
		demandManage(user, account);
		if (!(await this.#connections.remove(account, id))) throw unknown(id);
	}

	#driver(connection: Connection, bucket: string): Promise<Driver> {
		const { account, credentials } = connection;
		const { accessKeyId, secretAccessKey } = credentials;
		const key = JSON.stringify([
			account,
			idOf(connection),
			bucket,
			accessKeyId,
			secretAccessKey,
		]);
		const known = this.#open.get(key);
		if (known) return known;
		const [oldest] = this.#open.keys();
		if (oldest !== undefined && this.#open.size === MAX_OPEN)
			this.#open.delete(oldest);
		const { region, ...rest } = credentials;
		const opened = S3Driver.open(
			{ name: bucket, endpoint: this.#endpoint, region, credentials: rest },
			"",
		);
		this.#open.set(key, opened);
		return opened;
	}
}

function demandManage({ caller }: DataUser, account: string): void {
	if (isOwner(caller, account) && caller.rights.manage) return;
	throw new AlgoError(
		"FORBIDDEN",
		"Caller is not authorized to perform the operation: connectors are made by their owner, with a key that may manage",
	);
}

const unknown = (id: string): AlgoError =>
	new AlgoError("PATH_NOT_FOUND", `connector ${id.slice(0, 100)} not found`);
