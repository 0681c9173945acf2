import type { fetchV17, KafkaRecord, RecordsBatch } from "@platformatic/kafka";

/** A record as it was fetched. Its bytes are views into the whole answer. */
export interface Fetched {
	record: KafkaRecord;
	offset: number;
	sentAtMs: number;
}

export type FetchedPartition = fetchV17.FetchResponsePartition;

// Of a batch's attributes.
const IS_LOG_APPEND_TIME = 1 << 3;
const IS_TRANSACTIONAL = 1 << 4;
const IS_CONTROL = 1 << 5;

/** A partition while it is ours: what has been fetched and not yet given out, and how far it is done. */
export class Partition {
	readonly index: number;
	/** Not ours any more; if it comes back, that is another one of these. */
	isLost = false;
	/** The group has never read it: nobody can have had its records before. */
	readonly isFirstRead: boolean;
	/** What the group has as its offset, as far as we know; -1 if nothing. */
	committed: number;
	/** The next record to fetch. */
	position: number;
	/** Bytes that wait to be given out. */
	waitingBytes = 0;
	#waiting: Fetched[] = [];
	/** Offsets that were fetched and are not done, the oldest first, as a Set keeps its order. */
	readonly #open = new Set<number>();

	constructor(index: number, position: number, committed: number) {
		this.index = index;
		this.position = position;
		this.committed = committed;
		this.isFirstRead = committed < 0;
	}

	/** All records below are done: this is the offset to commit. */
	get watermark(): number {
		for (const oldest of this.#open) return oldest;
		return this.position;
	}

	get waiting(): number {
		return this.#waiting.length;
	}

	/** Takes over what was fetched, but for what is no message: markers, and records of aborted transactions. */
	accept({ records, abortedTransactions }: FetchedPartition): void {
		const isAborted = abortedBatches(abortedTransactions);
		for (const batch of records ?? []) {
			const first = Number(batch.firstOffset);
			if (!isAborted(batch) && !(batch.attributes & IS_CONTROL))
				for (const record of batch.records) {
					const offset = first + record.offsetDelta;
					// Batches are given whole, even if the first records were not asked for.
					if (offset >= this.position) this.#add(batch, record, offset);
				}
			this.position = Math.max(
				this.position,
				first + batch.lastOffsetDelta + 1,
			);
		}
	}

	#add(batch: RecordsBatch, record: KafkaRecord, offset: number): void {
		const sentAt =
			batch.attributes & IS_LOG_APPEND_TIME
				? batch.maxTimestamp
				: batch.firstTimestamp + record.timestampDelta;
		this.#open.add(offset);
		this.#waiting.push({ record, offset, sentAtMs: Number(sentAt) });
		this.waitingBytes += record.length;
	}

	/** Gives out so many records at most, in order. */
	take(max: number): Fetched[] {
		const taken = this.#waiting.splice(0, max);
		for (const { record } of taken) this.waitingBytes -= record.length;
		return taken;
	}

	done(offset: number): void {
		this.#open.delete(offset);
	}
}

/**
 * Kafka names the transactions that were aborted among these batches by producer and first offset; each ends with that
 * producer's next marker. (The library leaves out only the last one of a producer, and only if its marker is there too.)
 */
function abortedBatches(
	transactions: FetchedPartition["abortedTransactions"],
): (batch: RecordsBatch) => boolean {
	if (!transactions?.length) return () => false;
	const upcoming = transactions.toSorted((a, b) =>
		Number(a.firstOffset - b.firstOffset),
	);
	const aborting = new Set<bigint>();
	return (batch) => {
		const last = batch.firstOffset + BigInt(batch.lastOffsetDelta);
		while (upcoming[0] && upcoming[0].firstOffset <= last)
			aborting.add((upcoming.shift() as (typeof upcoming)[0]).producerId);
		if (!(batch.attributes & IS_TRANSACTIONAL)) return false;
		if (batch.attributes & IS_CONTROL) aborting.delete(batch.producerId);
		return aborting.has(batch.producerId);
	};
}
