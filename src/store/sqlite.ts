import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { MIGRATIONS } from "./migrations.ts";

/** Says in a file's head whose it is: "appl". */
const APPLICATION_ID = 0x61_70_70_6c;
/** How long another process may keep the file locked before that is an error. */
const MAX_WAIT_MS = 5000;
const RETRY_MS = 20;

/** SQLite's result codes, without what the extended ones add above them. */
const Code = {
	BUSY: 5,
	LOCKED: 6,
	CORRUPT: 11,
	NOT_A_DATABASE: 26,
} as const;

/** One SQLite file with our schema. Nothing here waits on the thread: who finds it locked tries again later. */
export class Sqlite {
	readonly #file: string;
	readonly #database: DatabaseSync;

	private constructor(file: string, database: DatabaseSync) {
		this.#file = file;
		this.#database = database;
	}

	/**
	 * Makes the file if it is not there, and brings its schema up to date.
	 * @throws Error naming the file: it cannot be opened, is damaged or not ours (and stays as it is), has a
	 *   newer schema, or is locked for seconds
	 */
	static async open(file: string): Promise<Sqlite> {
		await mkdir(dirname(file), { recursive: true });
		return patiently(file, () => {
			if (existsSync(file)) lookInto(file);
			const database = new DatabaseSync(file);
			try {
				database.exec("PRAGMA journal_mode = WAL");
				migrate(database);
			} catch (error) {
				database.close();
				throw error;
			}
			return new Sqlite(file, database);
		});
	}

	/**
	 * @param work sees the store at one moment; keep it short, it holds the thread
	 * @throws Error naming the file: damaged, or locked for seconds
	 */
	read<T>(work: (database: DatabaseSync) => T): Promise<T> {
		return patiently(this.#file, () => work(this.#database));
	}

	/** All of the work is done or, if it throws, nothing of it. @throws as `read` does, and what `work` throws */
	write<T>(work: (database: DatabaseSync) => T): Promise<T> {
		return this.read((database) => transaction(database, work));
	}

	close(): void {
		if (this.#database.isOpen) this.#database.close();
	}
}

/** Reads only, so that a file that we refuse stays as it was. @throws Error why it is no store for us */
function lookInto(file: string): void {
	const database = new DatabaseSync(file, { readOnly: true });
	try {
		const tables = numberIn(database, "SELECT count(*) FROM sqlite_schema");
		if (tables === 0) return; // made, and nothing written yet
		if (numberIn(database, "PRAGMA application_id") !== APPLICATION_ID)
			throw new Error(
				`${file} is a database of another program; move it away, or name another folder with --state`,
			);
		const version = numberIn(database, "PRAGMA user_version");
		if (version > MIGRATIONS.length)
			throw new Error(
				`${file} has schema ${version}, and this version of applyd knows none after ${MIGRATIONS.length}; run the newer applyd that wrote it, or name another folder with --state`,
			);
		// Who may do what is read in full; to read all of a large file would hold up each start.
		const { integrity_check: verdict } = database
			.prepare("PRAGMA integrity_check(keys)")
			.get() as { integrity_check: string };
		if (verdict !== "ok") throw damaged(file, verdict);
	} finally {
		database.close();
	}
}

function migrate(database: DatabaseSync): void {
	if (numberIn(database, "PRAGMA user_version") === MIGRATIONS.length) return;
	transaction(database, () => {
		// Once more, now that nobody else can change it.
		const version = numberIn(database, "PRAGMA user_version");
		for (const step of MIGRATIONS.slice(version)) database.exec(step);
		database.exec(
			`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${MIGRATIONS.length}`,
		);
	});
}

function transaction<T>(
	database: DatabaseSync,
	work: (database: DatabaseSync) => T,
): T {
	database.exec("BEGIN IMMEDIATE");
	try {
		const result = work(database);
		database.exec("COMMIT");
		return result;
	} catch (error) {
		if (database.isTransaction) database.exec("ROLLBACK");
		throw error;
	}
}

const numberIn = (database: DatabaseSync, query: string): number =>
	Number(Object.values(database.prepare(query).get() ?? {})[0]);

/** Tries until the file is free. @throws Error naming the file, when the time is up or for any other reason of SQLite's */
async function patiently<T>(file: string, work: () => T): Promise<T> {
	const end = performance.now() + MAX_WAIT_MS;
	for (;;) {
		try {
			return work();
		} catch (error) {
			const { errcode, message } = error as { errcode?: number } & Error;
			if (errcode === undefined) throw error;
			const code = errcode & 0xff;
			const isLocked = code === Code.BUSY || code === Code.LOCKED;
			if (!isLocked) throw faultOf(file, code, message);
			if (performance.now() > end)
				throw new Error(
					`${file} is locked by another process for more than ${MAX_WAIT_MS / 1000} s; try again, or end that process`,
				);
		}
		await sleep(RETRY_MS);
	}
}

function faultOf(file: string, code: number, message: string): Error {
	return code === Code.CORRUPT || code === Code.NOT_A_DATABASE
		? damaged(file, message)
		: new Error(
				`${file}: ${message}; its folder must be writable, or name another with --state`,
			);
}

const damaged = (file: string, how: string): Error =>
	new Error(
		`${file} is damaged and was left as it is: ${how.replaceAll("\n", " ")}; put back a copy that is whole, move it away to begin with an empty one, or name another folder with --state`,
	);
