import type { Sqlite } from "./sqlite.ts";

/** Somebody holds something, until then at least. */
export interface Lease {
	owner: string;
	/** In ms since 1970. */
	until: number;
}

/** The condition that nobody holds a row now, or no longer; its value is the time. */
export const isFree = "(owner IS NULL OR lease_until < ?)";

const TABLES = ["jobs", "shards"];

/** What an owner holds, all of it. */
export class Leases {
	readonly #sqlite: Sqlite;

	constructor(sqlite: Sqlite) {
		this.#sqlite = sqlite;
	}

	/** Holds all of it longer. */
	async renew({ owner, until }: Lease): Promise<void> {
		await this.#sqlite.writeSoon((sql) => {
			for (const table of TABLES)
				sql(`UPDATE ${table} SET lease_until = ? WHERE owner = ?`).run(
					until,
					owner,
				);
		});
	}

	/** Others may take it at once. */
	async release(owner: string): Promise<void> {
		await this.#sqlite.write((sql) => {
			sql(
				"UPDATE jobs SET owner = NULL, lease_until = NULL WHERE owner = ?",
			).run(owner);
			sql(
				"UPDATE shards SET state = 'ready', owner = NULL, lease_until = NULL WHERE owner = ?",
			).run(owner);
		});
	}
}
