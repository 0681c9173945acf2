import { randomUUID } from "node:crypto";
import { open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { AlgoError } from "../../errors.ts";
import { Queues } from "../queues.ts";
import { type Connection, idOf } from "./connection.ts";

/** Where connections are kept. */
export interface Connections {
	/** @param id `s3` means the default one */
	find(account: string, id: string): Promise<Connection | undefined>;
	/** A new default takes the place of the old one. @throws AlgoError CONFLICT if there is one of that id */
	add(connection: Connection): Promise<void>;
	/** @returns whether it was there */
	remove(account: string, id: string): Promise<boolean>;
}

/** In one file, which only the server's user can read: it holds secrets. */
export class ConnectionsFile implements Connections {
	readonly #path: string;
	readonly #changes = new Queues();

	constructor(stateFolder: string) {
		this.#path = join(stateFolder, "connectors.json");
	}

	async find(account: string, id: string): Promise<Connection | undefined> {
		const own = (await this.#read()).filter((one) => isOf(one, account));
		return (
			own.find((one) => one.isDefault && one.protocol === id) ??
			own.find((one) => idOf(one) === id)
		);
	}

	add(connection: Connection): Promise<void> {
		return this.#changes.run(this.#path, async () => {
			const { account, isDefault } = connection;
			const all = await this.#read();
			if (
				all.some((one) => isOf(one, account) && idOf(one) === idOf(connection))
			)
				throw new AlgoError(
					"CONFLICT",
					`the connector ${idOf(connection)} exists already; delete it first`,
				);
			const others = all.map((one) =>
				isDefault && isOf(one, account) ? { ...one, isDefault: false } : one,
			);
			await this.#write([...others, connection]);
		});
	}

	remove(account: string, id: string): Promise<boolean> {
		return this.#changes.run(this.#path, async () => {
			const all = await this.#read();
			const kept = all.filter((one) => !isOf(one, account) || idOf(one) !== id);
			if (kept.length === all.length) return false;
			await this.#write(kept);
			return true;
		});
	}

	async #read(): Promise<Connection[]> {
		try {
			return JSON.parse(await readFile(this.#path, "utf8"));
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
			throw error;
		}
	}

	async #write(connections: Connection[]): Promise<void> {
		const fresh = `${this.#path}.${randomUUID()}`;
		const file = await open(fresh, "wx", 0o600);
		try {
			await file.writeFile(JSON.stringify(connections, null, "\t"));
			await file.sync();
		} finally {
			await file.close();
		}
		await rename(fresh, this.#path);
	}
}

const isOf = ({ account }: Connection, name: string): boolean =>
	account.toLowerCase() === name.toLowerCase();
