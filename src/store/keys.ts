import type { Sqlite } from "./sqlite.ts";

/** A key as it is kept: never the key itself. */
export interface KeyRow {
	/** SHA-256 of the key, in hex. */
	hash: string;
	/** What people see of it; no two keys share one. */
	mask: string;
	label: string | null;
	account: string;
	/** JSON; what it says is the business of `accounts`. */
	rights: string;
	/** ISO 8601, as all times here. */
	createdAt: string;
	revokedAt: string | null;
	/** Counts up with each change of any key; of this row, the last one. */
	change: number;
}

const COLUMNS = `hash, mask, label, account, rights, created_at AS "createdAt", revoked_at AS "revokedAt", change`;
const NEXT_CHANGE = "(SELECT coalesce(max(change), 0) + 1 FROM keys)";

/** The accounts and their keys. Rows are added and revoked, never removed. */
export class KeyTable {
	readonly #sqlite: Sqlite;

	constructor(sqlite: Sqlite) {
		this.#sqlite = sqlite;
	}

	/** @returns keys that were added or revoked after this change, in that order; 0 for all that there ever were */
	changedSince(change: number): Promise<KeyRow[]> {
		return this.#sqlite.read(
			(database) =>
				database
					.prepare(
						`SELECT ${COLUMNS} FROM keys WHERE change > ? ORDER BY change`,
					)
					.all(change) as unknown as KeyRow[],
		);
	}

	/**
	 * Adds a key, and its account if there is none of that name in any case.
	 * @returns false if the mask is taken; then nothing has changed
	 */
	add(
		key: Omit<KeyRow, "createdAt" | "revokedAt" | "change">,
		at: Date,
	): Promise<boolean> {
		const time = at.toISOString();
		return this.#sqlite.write((database) => {
			const taken = database.prepare("SELECT 1 FROM keys WHERE mask = ?");
			if (taken.get(key.mask)) return false;
			database
				.prepare(
					"INSERT INTO accounts (name, created_at) VALUES (?, ?) ON CONFLICT DO NOTHING",
				)
				.run(key.account, time);
			database
				.prepare(
					`INSERT INTO keys (hash, mask, label, account, rights, created_at, change)
					SELECT ?, ?, ?, name, ?, ?, ${NEXT_CHANGE} FROM accounts WHERE lower(name) = lower(?)`,
				)
				.run(key.hash, key.mask, key.label, key.rights, time, key.account);
			return true;
		});
	}

	async revoke(hash: string, at: Date): Promise<void> {
		await this.#sqlite.write((database) =>
			database
				.prepare(
					`UPDATE keys SET revoked_at = ?, change = ${NEXT_CHANGE} WHERE hash = ? AND revoked_at IS NULL`,
				)
				.run(at.toISOString(), hash),
		);
	}
}
