/**
 * The schema, step by step: the first makes version 1 from nothing, each later one the next version from the
 * one before. A step that has been released is never changed. Shaped so that PostgreSQL takes it too.
 */
export const MIGRATIONS: readonly string[] = [
	`
	CREATE TABLE accounts (
		name TEXT NOT NULL PRIMARY KEY,
		created_at TEXT NOT NULL
	);
	CREATE UNIQUE INDEX accounts_any_case ON accounts (lower(name));
	CREATE TABLE keys (
		hash TEXT NOT NULL PRIMARY KEY,
		mask TEXT NOT NULL UNIQUE,
		label TEXT,
		account TEXT NOT NULL REFERENCES accounts (name),
		rights TEXT NOT NULL,
		created_at TEXT NOT NULL,
		revoked_at TEXT,
		change INTEGER NOT NULL UNIQUE
	);
	`,
];
