import { DatabaseSync } from "node:sqlite";
import { MIGRATIONS } from "./migrations.ts";
import { damaged } from "./patience.ts";

/** Says in a file's head whose it is: "appl". */
const APPLICATION_ID = 0x61_70_70_6c;

/** Reads only, so that a file that we refuse stays as it was. @throws Error why it is no store for us */
export function lookInto(file: string): void {
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

/** Brings the schema up to date: all the steps that are missing, or none. */
export function migrate(database: DatabaseSync): void {
	const versionNow = () => numberIn(database, "PRAGMA user_version");
	if (versionNow() >= MIGRATIONS.length) return;
	transaction(database, () => {
		const version = versionNow(); // once more, now that nobody else can change it
		if (version >= MIGRATIONS.length) return;
		for (const step of MIGRATIONS.slice(version)) database.exec(step);
		database.exec(
			`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${MIGRATIONS.length}`,
		);
	});
}

/** All of the work is done or, if it throws, nothing of it. */
export function transaction<T>(database: DatabaseSync, work: () => T): T {
	database.exec("BEGIN IMMEDIATE");
	try {
		const result = work();
		database.exec("COMMIT");
		return result;
	} catch (error) {
		if (database.isTransaction) database.exec("ROLLBACK");
		throw error;
	}
}

const numberIn = (database: DatabaseSync, query: string): number =>
	Number(Object.values(database.prepare(query).get() ?? {})[0]);
