import { isFree, type Lease } from "./lease.ts";
import type { Sqlite, Statements } from "./sqlite.ts";

/** Consecutive items of a job, and where they stand in its input, decompressed. */
export interface ShardRange {
	firstIndex: number;
	count: number;
	startByte: number;
	endByte: number;
}

/** A shard as whoever has claimed it sees it. */
export interface ClaimedShard extends ShardRange {
	/** How often it has been claimed: whoever holds an earlier claim has lost it. */
	claims: number;
	/** The claim that stored its outcomes, if one has: only its failed items run again. */
	stored: number | null;
	succeeded: number;
}

/** Outcomes that are stored. */
export interface StoredShard {
	firstIndex: number;
	stored: number;
	failed: number;
}

/** What has become of a claimed shard: its outcomes are in the objects of this claim. */
export interface ShardEnd {
	succeeded: number;
	failed: number;
	/** The rest of the shard, if not all of it is done; it becomes a shard of its own, held by the same owner. */
	rest?: ShardRange | undefined;
}

const CLAIMED = `first_index AS "firstIndex", count, start_byte AS "startByte", end_byte AS "endByte", claims, stored, succeeded`;

/** Shards are `ready` (to be claimed), `leased` (somebody runs them) or `done` (their outcomes are stored). */
export class ShardTable {
	readonly #sqlite: Sqlite;

	constructor(sqlite: Sqlite) {
		this.#sqlite = sqlite;
	}

	/**
	 * The owner of a job has read on: `index` and `byte` are where it goes on.
	 * @param lease to hold the shard at once; absent: whoever comes may claim it
	 * @returns false if the job is not the owner's any more, or somebody else has read on: nothing has changed
	 */
	cut(
		job: string,
		owner: string,
		shard: ShardRange | undefined,
		lease: Lease | undefined,
		isThrough: boolean,
	): Promise<boolean> {
		return this.#sqlite.writeSoon((sql) => {
			const end = shard && shard.firstIndex + shard.count;
			const { changes } = sql(
				`UPDATE jobs SET cut_index = coalesce(?, cut_index), cut_byte = coalesce(?, cut_byte), is_cut_through = ?
				WHERE id = ? AND owner = ? AND is_cut_through = 0 AND cut_index = coalesce(?, cut_index)`,
			).run(
				end ?? null,
				shard?.endByte ?? null,
				isThrough ? 1 : 0,
				job,
				owner,
				shard?.firstIndex ?? null,
			);
			if (Number(changes) === 0) return false;
			if (shard) insert(sql, job, shard, lease);
			return true;
		});
	}

	/** Whether there is one that nobody holds. */
	hasReady(job: string, now: number): Promise<boolean> {
		return this.#sqlite.read(
			(sql) =>
				sql(
					`SELECT 1 FROM shards WHERE job = ? AND (state = 'ready' OR state = 'leased' AND ${isFree}) LIMIT 1`,
				).get(job, now) !== undefined,
		);
	}

	/** Whether all that have been cut are done. */
	areDone(job: string): Promise<boolean> {
		return this.#sqlite.read(
			(sql) =>
				sql(
					"SELECT 1 FROM shards WHERE job = ? AND state <> 'done' LIMIT 1",
				).get(job) === undefined,
		);
	}

	/** The first shard of a running job that nobody holds, held from now on. */
	claim(
		job: string,
		lease: Lease,
		now: number,
	): Promise<ClaimedShard | undefined> {
		const isReady = `(state = 'ready' OR state = 'leased' AND ${isFree})`;
		return this.#sqlite.writeSoon(
			(sql) =>
				sql(
					`UPDATE shards SET state = 'leased', owner = ?, lease_until = ?, claims = claims + 1
					WHERE job = ? AND ${isReady} AND first_index =
						(SELECT min(first_index) FROM shards WHERE job = ? AND ${isReady})
						AND EXISTS (SELECT 1 FROM jobs WHERE id = shards.job AND status = 'running')
					RETURNING ${CLAIMED}`,
				).get(lease.owner, lease.until, job, now, job, now) as
					| ClaimedShard
					| undefined,
		);
	}

	/**
	 * Its outcomes are stored: they count.
	 * @returns the job's failed items so far; `undefined` if somebody else has claimed it: nothing has changed
	 */
	finish(
		job: string,
		lease: Lease,
		shard: ClaimedShard,
		{ succeeded, failed, rest }: ShardEnd,
	): Promise<{ failed: number } | undefined> {
		const count = rest ? rest.firstIndex - shard.firstIndex : shard.count;
		const endByte = rest ? rest.startByte : shard.endByte;
		return this.#sqlite.writeSoon((sql) => {
			const { changes } = sql(
				`UPDATE shards SET state = 'done', owner = NULL, lease_until = NULL, stored = claims,
					succeeded = ?, failed = ?, count = ?, end_byte = ?
				WHERE job = ? AND first_index = ? AND owner = ? AND claims = ? AND state = 'leased'`,
			).run(
				succeeded,
				failed,
				count,
				endByte,
				job,
				shard.firstIndex,
				lease.owner,
				shard.claims,
			);
			if (Number(changes) === 0) return undefined;
			if (rest) insert(sql, job, rest, lease);
			return sql(
				`UPDATE jobs SET succeeded = succeeded + ?, failed = failed + ? WHERE id = ? RETURNING failed`,
			).get(succeeded - shard.succeeded, failed, job) as { failed: number };
		});
	}

	/** Somebody else may claim it at once. */
	async release(job: string, owner: string): Promise<void> {
		await this.#sqlite.writeSoon((sql) =>
			sql(
				`UPDATE shards SET state = 'ready', owner = NULL, lease_until = NULL
				WHERE job = ? AND owner = ? AND state = 'leased'`,
			).run(job, owner),
		);
	}

	/** In input order, from this index on. */
	storedFrom(
		job: string,
		index: number,
		limit: number,
	): Promise<StoredShard[]> {
		return this.#sqlite.read(
			(sql) =>
				sql(
					`SELECT first_index AS "firstIndex", stored, failed FROM shards
					WHERE job = ? AND first_index >= ? AND stored IS NOT NULL ORDER BY first_index LIMIT ?`,
				).all(job, index, limit) as unknown as StoredShard[],
		);
	}
}

function insert(
	sql: Statements,
	job: string,
	{ firstIndex, count, startByte, endByte }: ShardRange,
	lease: Lease | undefined,
): void {
	sql(
		`INSERT INTO shards (job, first_index, count, start_byte, end_byte, state, owner, lease_until, claims)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
	).run(
		job,
		firstIndex,
		count,
		startByte,
		endByte,
		lease ? "leased" : "ready",
		lease?.owner ?? null,
		lease?.until ?? null,
		lease ? 1 : 0,
	);
}
