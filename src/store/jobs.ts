import { isFree, type Lease } from "./lease.ts";
import type { Sqlite } from "./sqlite.ts";

/** A job as it is kept. JSON texts are the business of `jobs`; times are ISO 8601, but leases, in ms since 1970. */
export interface JobRow {
	/** Later ones sort behind earlier ones. */
	id: string;
	/** Whose it is, in small letters. */
	account: string;
	/** JSON: as whom it runs. */
	caller: string;
	/** `owner/name/version` */
	algorithm: string;
	format: string;
	/** JSON. */
	options: string;
	status: string;
	/** A path of `data://`; `null` for an upload. */
	input: string | null;
	isGzip: 0 | 1;
	/** As it was when the job was made; a file that has another ETag is another one. */
	inputBytes: number;
	inputEtag: string;
	/** So far the input has been cut: index of the next item, and where it begins in the input, decompressed. */
	cutIndex: number;
	cutByte: number;
	isCutThrough: 0 | 1;
	/** Items by their outcome, as far as stored. While failed ones run again they are none of these. */
	succeeded: number;
	failed: number;
	/** More failed items, and the job fails; `null`: no bound. */
	maxFailed: number | null;
	/** Who reads the input and says when the job is over. */
	owner: string | null;
	leaseUntil: number | null;
	paused: string | null;
	/** JSON. */
	error: string | null;
	createdAt: string;
	startedAt: string | null;
	finishedAt: string | null;
}

export type NewJob = Pick<
	JobRow,
	| "id"
	| "account"
	| "caller"
	| "algorithm"
	| "format"
	| "options"
	| "input"
	| "isGzip"
	| "inputBytes"
	| "inputEtag"
	| "maxFailed"
	| "createdAt"
>;

export interface JobSearch {
	/** In small letters; absent: of all accounts. */
	account?: string | undefined;
	status?: string | undefined;
	/** A version, or with `/` at its end all of a name; in any case. */
	algorithm?: string | undefined;
	/** Only older ones than this. */
	before?: string | undefined;
	limit: number;
}

const COLUMNS = `id, account, caller, algorithm, format, options, status, input, is_gzip AS "isGzip",
	input_bytes AS "inputBytes", input_etag AS "inputEtag", cut_index AS "cutIndex", cut_byte AS "cutByte",
	is_cut_through AS "isCutThrough", succeeded, failed, max_failed AS "maxFailed", owner, lease_until AS "leaseUntil",
	paused, error, created_at AS "createdAt", started_at AS "startedAt", finished_at AS "finishedAt"`;

const FINISHED = "('completed', 'failed', 'cancelled')";
const UNFINISHED = "('queued', 'running', 'cancelling')";

/** The jobs. Each change is one statement that is right however many servers there are. */
export class JobTable {
	readonly #sqlite: Sqlite;

	constructor(sqlite: Sqlite) {
		this.#sqlite = sqlite;
	}

	async add(job: NewJob): Promise<void> {
		await this.#sqlite.write((sql) =>
			sql(
				`INSERT INTO jobs (id, account, caller, algorithm, format, options, status, input, is_gzip,
					input_bytes, input_etag, max_failed, created_at)
				VALUES (?, ?, ?, ?, ?, ?, 'queued', ?, ?, ?, ?, ?, ?)`,
			).run(
				job.id,
				job.account,
				job.caller,
				job.algorithm,
				job.format,
				job.options,
				job.input,
				job.isGzip,
				job.inputBytes,
				job.inputEtag,
				job.maxFailed,
				job.createdAt,
			),
		);
	}

	find(id: string): Promise<JobRow | undefined> {
		return this.#sqlite.read(
			(sql) =>
				sql(`SELECT ${COLUMNS} FROM jobs WHERE id = ?`).get(id) as
					| JobRow
					| undefined,
		);
	}

	/** Newest first. */
	search({
		account,
		status,
		algorithm,
		before,
		limit,
	}: JobSearch): Promise<JobRow[]> {
		const conditions: string[] = [];
		const values: (string | number)[] = [];
		const demand = (condition: string, ...given: (string | number)[]) => {
			conditions.push(condition);
			values.push(...given);
		};
		if (account !== undefined) demand("account = ?", account);
		if (status !== undefined) demand("status = ?", status);
		if (algorithm?.endsWith("/"))
			demand(
				"lower(substr(algorithm, 1, ?)) = ?",
				algorithm.length,
				algorithm.toLowerCase(),
			);
		else if (algorithm !== undefined)
			demand("lower(algorithm) = ?", algorithm.toLowerCase());
		if (before !== undefined) demand("id < ?", before);
		const where =
			conditions.length > 0 ? `WHERE ${conditions.join(" AND ")}` : "";
		return this.#sqlite.read(
			(sql) =>
				sql(
					`SELECT ${COLUMNS} FROM jobs ${where} ORDER BY id DESC LIMIT ?`,
				).all(...values, limit) as unknown as JobRow[],
		);
	}

	/** Those that are on their way, oldest first. */
	unfinished(): Promise<JobRow[]> {
		return this.#sqlite.read(
			(sql) =>
				sql(
					`SELECT ${COLUMNS} FROM jobs WHERE status IN ${UNFINISHED} ORDER BY id`,
				).all() as unknown as JobRow[],
		);
	}

	/** Those that finished before then. */
	finishedBefore(time: Date): Promise<string[]> {
		return this.#sqlite.read((sql) =>
			sql(`SELECT id FROM jobs WHERE status IN ${FINISHED} AND finished_at < ?`)
				.all(time.toISOString())
				.map(({ id }) => id as string),
		);
	}

	/** Takes up a job that is on its way and that nobody has. @returns `undefined` if somebody has it */
	claim(id: string, lease: Lease, at: Date): Promise<JobRow | undefined> {
		return this.#sqlite.writeSoon(
			(sql) =>
				sql(
					`UPDATE jobs SET owner = ?, lease_until = ?, paused = NULL, started_at = coalesce(started_at, ?),
						status = CASE status WHEN 'queued' THEN 'running' ELSE status END
					WHERE id = ? AND status IN ${UNFINISHED} AND ${isFree}
					RETURNING ${COLUMNS}`,
				).get(lease.owner, lease.until, at.toISOString(), id, at.getTime()) as
					| JobRow
					| undefined,
		);
	}

	/** Whoever runs it is told with the next look at it; if nobody does, it is over at once. */
	async cancel(id: string, at: Date): Promise<void> {
		await this.#sqlite.write((sql) =>
			sql(
				`UPDATE jobs SET status = CASE WHEN owner IS NULL THEN 'cancelled' ELSE 'cancelling' END,
					finished_at = CASE WHEN owner IS NULL THEN ? END
				WHERE id = ? AND status IN ('queued', 'running')`,
			).run(at.toISOString(), id),
		);
	}

	/** A cancelled or failed job is on its way again; as many more items may fail as at first. */
	async resume(id: string, maxErrors: number | null): Promise<void> {
		await this.#sqlite.write((sql) =>
			sql(
				`UPDATE jobs SET status = 'queued', finished_at = NULL, error = NULL, max_failed = failed + ?
				WHERE id = ? AND status IN ('cancelled', 'failed')`,
			).run(maxErrors, id),
		);
	}

	/** A finished job is on its way again, and its failed items count as never run. */
	async retry(id: string, maxErrors: number | null): Promise<void> {
		await this.#sqlite.write((sql) => {
			const { changes } = sql(
				`UPDATE jobs SET status = 'queued', finished_at = NULL, error = NULL, failed = 0, max_failed = ?
				WHERE id = ? AND status IN ${FINISHED}`,
			).run(maxErrors, id);
			if (Number(changes) > 0)
				sql(
					"UPDATE shards SET state = 'ready' WHERE job = ? AND state = 'done' AND failed > 0",
				).run(id);
		});
	}

	/**
	 * The owner says that it is over: what he and others hold of it is free.
	 * @returns false if it is not: it was cancelled meanwhile, or `completed` and something is left to do
	 */
	settle(
		id: string,
		owner: string,
		end: { status: "completed" | "failed" | "cancelled"; error: string | null },
		at: Date,
	): Promise<boolean> {
		const isOver = {
			completed: `status = 'running' AND is_cut_through = 1
				AND NOT EXISTS (SELECT 1 FROM shards WHERE job = jobs.id AND state <> 'done')`,
			failed: "status = 'running'",
			cancelled: "status = 'cancelling'",
		}[end.status];
		return this.#sqlite.write((sql) => {
			const { changes } = sql(
				`UPDATE jobs SET status = ?, error = ?, finished_at = ?, owner = NULL, lease_until = NULL, paused = NULL
				WHERE id = ? AND owner = ? AND ${isOver}`,
			).run(end.status, end.error, at.toISOString(), id, owner);
			if (Number(changes) === 0) return false;
			sql(
				"UPDATE shards SET state = 'ready', owner = NULL, lease_until = NULL WHERE job = ? AND state = 'leased'",
			).run(id);
			return true;
		});
	}

	/** Why it cannot go on now; `null`: it does. */
	async pause(id: string, owner: string, why: string | null): Promise<void> {
		await this.#sqlite.writeSoon((sql) =>
			sql("UPDATE jobs SET paused = ? WHERE id = ? AND owner = ?").run(
				why,
				id,
				owner,
			),
		);
	}

	/** @returns false if it has not finished, or is not there */
	remove(id: string): Promise<boolean> {
		return this.#sqlite.write((sql) => {
			const isFinished = sql(
				`SELECT 1 FROM jobs WHERE id = ? AND status IN ${FINISHED}`,
			).get(id);
			if (!isFinished) return false;
			sql("DELETE FROM shards WHERE job = ?").run(id);
			sql("DELETE FROM jobs WHERE id = ?").run(id);
			return true;
		});
	}
}
