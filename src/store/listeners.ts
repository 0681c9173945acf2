import type { Sqlite } from "./sqlite.ts";

/** A listener that was made over the API (api-contract §10.1). */
export interface EventListenerRow {
	/** A UUID. */
	id: string;
	/** Whose it is, in small letters. */
	account: string;
	/** JSON; what it says is the business of `listeners`. */
	fields: string;
	/** As its owner wrote them. */
	credentials: string | null;
	/** ISO 8601. */
	createdAt: string;
}

const COLUMNS = `id, account, fields, credentials, created_at AS "createdAt"`;

/** What is kept of listeners: which are paused, and those that are in no file. */
export class ListenerTable {
	readonly #sqlite: Sqlite;

	constructor(sqlite: Sqlite) {
		this.#sqlite = sqlite;
	}

	/** @returns names */
	paused(): Promise<string[]> {
		return this.#sqlite.read((sql) =>
			sql("SELECT name FROM paused_listeners")
				.all()
				.map(({ name }) => String(name)),
		);
	}

	async pause(name: string): Promise<void> {
		await this.#sqlite.write((sql) =>
			sql(
				"INSERT INTO paused_listeners (name) VALUES (?) ON CONFLICT DO NOTHING",
			).run(name),
		);
	}

	async resume(name: string): Promise<void> {
		await this.#sqlite.write((sql) =>
			sql("DELETE FROM paused_listeners WHERE name = ?").run(name),
		);
	}

	all(): Promise<EventListenerRow[]> {
		return this.#sqlite.read(
			(sql) =>
				sql(
					`SELECT ${COLUMNS} FROM event_listeners ORDER BY created_at`,
				).all() as unknown as EventListenerRow[],
		);
	}

	/** Of an account, in the order of their ids. @param after one of them, or "" */
	page(
		account: string,
		after: string,
		limit: number,
	): Promise<EventListenerRow[]> {
		return this.#sqlite.read(
			(sql) =>
				sql(
					`SELECT ${COLUMNS} FROM event_listeners WHERE account = ? AND id > ? ORDER BY id LIMIT ?`,
				).all(account, after, limit) as unknown as EventListenerRow[],
		);
	}

	find(account: string, id: string): Promise<EventListenerRow | undefined> {
		return this.#sqlite.read(
			(sql) =>
				sql(
					`SELECT ${COLUMNS} FROM event_listeners WHERE account = ? AND id = ?`,
				).get(account, id) as EventListenerRow | undefined,
		);
	}

	/** Adds it, or takes the place of the one of that id. */
	async put(row: EventListenerRow): Promise<void> {
		await this.#sqlite.write((sql) =>
			sql(
				`INSERT INTO event_listeners (id, account, fields, credentials, created_at) VALUES (?, ?, ?, ?, ?)
				ON CONFLICT (id) DO UPDATE SET fields = excluded.fields, credentials = excluded.credentials`,
			).run(row.id, row.account, row.fields, row.credentials, row.createdAt),
		);
	}

	async remove(id: string): Promise<void> {
		await this.#sqlite.write((sql) => {
			sql("DELETE FROM event_listeners WHERE id = ?").run(id);
			sql("DELETE FROM paused_listeners WHERE name = ?").run(id);
		});
	}
}
