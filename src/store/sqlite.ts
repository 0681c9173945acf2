import { chmodSync, existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { patiently } from "./patience.ts";
import { lookInto, migrate, transaction } from "./schema.ts";
import { Together, type Work } from "./together.ts";

/** One SQLite file with our schema. Nothing here waits on the thread: who finds it locked tries again later. */
export class Sqlite {
	readonly #file: string;
	readonly #database: DatabaseSync;
	/** By their text: to prepare one costs several times what it costs to run. */
	readonly #statements = new Map<string, StatementSync>();
	readonly #soon = new Together((works) => this.#doAll(works));

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
		const folder = dirname(file);
		await mkdir(folder, { recursive: true }).catch((error) => {
			throw new Error(
				`the state folder ${folder} cannot be made: ${error.message}; name another with --state`,
			);
		});
		return patiently(file, () => {
			if (existsSync(file)) lookInto(file);
			const database = new DatabaseSync(file);
			hide(file);
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
	 * @param work gets statements by their text; keep it short, it holds the thread
	 * @throws Error naming the file: damaged, or locked for seconds
	 */
	read<T>(work: (sql: Statements) => T): Promise<T> {
		return patiently(this.#file, () => work(this.#statement));
	}

	/** All of the work is done or, if it throws, nothing of it. @throws as `read` does, and what `work` throws */
	write<T>(work: (sql: Statements) => T): Promise<T> {
		return this.read((sql) => transaction(this.#database, () => work(sql)));
	}

	/**
	 * As `write`, together with what others write in these milliseconds: to commit costs many times what most writes
	 * cost. It survives the end of the process at once, the machine's only with the next checkpoint.
	 */
	writeSoon<T>(work: (sql: Statements) => T): Promise<T> {
		return this.#soon.add(() => work(this.#statement));
	}

	close(): void {
		if (this.#database.isOpen) this.#database.close();
	}

	/** Each work is done or undone by itself, and told when what was done is kept. */
	async #doAll(works: readonly Work[]): Promise<void> {
		const database = this.#database;
		const failures = new Map<Work, unknown>();
		await patiently(this.#file, () => {
			failures.clear();
			database.exec("PRAGMA synchronous = NORMAL");
			try {
				transaction(database, () => {
					for (const work of works) {
						database.exec("SAVEPOINT one");
						try {
							work.run();
						} catch (error) {
							if (!database.isTransaction) throw error;
							database.exec("ROLLBACK TO one");
							failures.set(work, error);
						}
						database.exec("RELEASE one");
					}
				});
			} finally {
				database.exec("PRAGMA synchronous = FULL");
			}
		});
		for (const work of works) {
			if (failures.has(work)) work.reject(failures.get(work));
			else work.resolve();
		}
	}

	readonly #statement: Statements = (text) => {
		const known = this.#statements.get(text);
		if (known) return known;
		const statement = this.#database.prepare(text);
		this.#statements.set(text, statement);
		return statement;
	};
}

export type Statements = (text: string) => StatementSync;

/** It has the credentials of listeners. SQLite gives the files beside it the same mode. */
function hide(file: string): void {
	try {
		chmodSync(file, 0o600);
	} catch {
		// It belongs to somebody else, who has let us in.
	}
}
