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
	`
	CREATE TABLE jobs (
		id TEXT NOT NULL PRIMARY KEY,
		account TEXT NOT NULL,
		caller TEXT NOT NULL,
		algorithm TEXT NOT NULL,
		format TEXT NOT NULL,
		options TEXT NOT NULL,
		status TEXT NOT NULL,
		input TEXT,
		is_gzip INTEGER NOT NULL,
		input_bytes BIGINT NOT NULL,
		input_etag TEXT NOT NULL,
		cut_index BIGINT NOT NULL DEFAULT 0,
		cut_byte BIGINT NOT NULL DEFAULT 0,
		is_cut_through INTEGER NOT NULL DEFAULT 0,
		succeeded BIGINT NOT NULL DEFAULT 0,
		failed BIGINT NOT NULL DEFAULT 0,
		max_failed BIGINT,
		owner TEXT,
		lease_until BIGINT,
		paused TEXT,
		error TEXT,
		created_at TEXT NOT NULL,
		started_at TEXT,
		finished_at TEXT
	);
	CREATE INDEX jobs_of_account ON jobs (account, id);
	CREATE INDEX jobs_by_status ON jobs (status);
	CREATE TABLE shards (
		job TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
		first_index BIGINT NOT NULL,
		count INTEGER NOT NULL,
		start_byte BIGINT NOT NULL,
		end_byte BIGINT NOT NULL,
		state TEXT NOT NULL,
		owner TEXT,
		lease_until BIGINT,
		claims INTEGER NOT NULL DEFAULT 0,
		stored INTEGER,
		succeeded INTEGER NOT NULL DEFAULT 0,
		failed INTEGER NOT NULL DEFAULT 0,
		PRIMARY KEY (job, first_index)
	);
	CREATE INDEX shards_by_state ON shards (job, state, first_index);
	CREATE INDEX shards_of_owner ON shards (owner) WHERE owner IS NOT NULL;
	`,
	`
	CREATE TABLE paused_listeners (
		name TEXT NOT NULL PRIMARY KEY
	);
	CREATE TABLE event_listeners (
		id TEXT NOT NULL PRIMARY KEY,
		account TEXT NOT NULL,
		fields TEXT NOT NULL,
		credentials TEXT,
		created_at TEXT NOT NULL
	);
	CREATE INDEX event_listeners_of_account ON event_listeners (account, id);
	`,
];
