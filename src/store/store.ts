import { join } from "node:path";
import { JobTable } from "./jobs.ts";
import { KeyTable } from "./keys.ts";
import { Leases } from "./lease.ts";
import { ListenerTable } from "./listeners.ts";
import { ShardTable } from "./shards.ts";
import { Sqlite } from "./sqlite.ts";

/** What outlives the server. All SQL is in this room, and every method a promise, so that another database can stand in. */
export class Store {
	readonly keys: KeyTable;
	readonly jobs: JobTable;
	readonly shards: ShardTable;
	readonly leases: Leases;
	readonly listeners: ListenerTable;
	readonly #sqlite: Sqlite;

	private constructor(sqlite: Sqlite) {
		this.#sqlite = sqlite;
		this.keys = new KeyTable(sqlite);
		this.jobs = new JobTable(sqlite);
		this.shards = new ShardTable(sqlite);
		this.leases = new Leases(sqlite);
		this.listeners = new ListenerTable(sqlite);
	}

	/**
	 * @param folder the state folder; made if it is not there
	 * @throws Error naming the file and the way out: it cannot be opened, is damaged, newer or locked
	 */
	static async open(folder: string): Promise<Store> {
		return new Store(await Sqlite.open(join(folder, "applyd.db")));
	}

	close(): void {
		this.#sqlite.close();
	}

	[Symbol.dispose](): void {
		this.close();
	}
}
