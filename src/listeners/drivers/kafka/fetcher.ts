import { setTimeout as sleep } from "node:timers/promises";
import type { Consumer, fetchV17 } from "@platformatic/kafka";
import { isProtocolError } from "./failure.ts";
import type { Partition } from "./partition.ts";
import type { Troubles } from "./troubles.ts";

/** No more is fetched while so much waits to be given out. */
const MAX_WAITING = 5_000;
const MAX_WAITING_BYTES = 64 << 20;
/** One answer. A record that is larger comes alone. */
const MAX_BYTES = 1 << 20;
const MAX_PARTITION_BYTES = 256 << 10;
/** The broker waits so long for records, and a partition that has just become ours for its first fetch. */
export const MAX_WAIT_MS = 500;
const RETRY_MS = 250;
/** Partitions that were added to the topic are noticed within this. */
const REFRESH_MS = 60_000;

export interface FetcherEvents {
	/** Records have come. */
	fetched(): void;
	/** The log of a partition may have another beginning or end than we know; or it is that of a topic made anew. */
	changed(partition: Partition, isAnew: boolean): Promise<void>;
	/** The topic has more partitions than before. */
	grown(): void;
}

/**
 * Fetches our partitions from their leaders, a request at a time each.
 *
 * The library's own stream is not used: after a rebalance it starts all partitions anew from their committed offsets and
 * keeps what it had fetched before, so that records come twice or, if a partition has come back, not at all.
 */
export class Fetcher {
	readonly #client: Consumer;
	readonly #topic: string;
	readonly #partitions: ReadonlyMap<number, Partition>;
	readonly #troubles: Troubles;
	readonly #events: FetcherEvents;
	readonly #busy = new Set<number>();
	readonly #timer: NodeJS.Timeout;
	#topicId = "";
	#leaders: number[] = [];
	#isClosed = false;

	constructor(
		client: Consumer,
		topic: string,
		partitions: ReadonlyMap<number, Partition>,
		troubles: Troubles,
		events: FetcherEvents,
	) {
		this.#client = client;
		this.#topic = topic;
		this.#partitions = partitions;
		this.#troubles = troubles;
		this.#events = events;
		client.topics.track(topic);
		this.#timer = setInterval(() => {
			this.refresh().catch((error) => troubles.begin("fetch records", error));
		}, REFRESH_MS);
	}

	/** Learns who leads which partition. @returns how many there are */
	async refresh(): Promise<number> {
		const topics = [this.#topic];
		const all = await this.#client.metadata({ topics, forceUpdate: true });
		const found = all.topics.get(this.#topic);
		if (!found) throw new Error(`Unknown topic ${this.#topic}.`);
		const hasGrown =
			this.#leaders.length > 0 && found.partitionsCount > this.#leaders.length;
		const isAnew = this.#topicId !== "" && found.id !== this.#topicId;
		this.#topicId = found.id;
		this.#leaders = found.partitions.map(({ leader }) => leader);
		if (hasGrown) this.#events.grown();
		if (isAnew)
			for (const partition of [...this.#partitions.values()])
				await this.#events.changed(partition, true);
		return found.partitionsCount;
	}

	/** Fetches what there is room for. To be called when there is more to fetch or more room. */
	pump(): void {
		if (this.#isClosed || this.#isFull()) return;
		const byLeader = Map.groupBy(
			this.#partitions.values(),
			({ index }) => this.#leaders[index] ?? -1,
		);
		for (const [leader, partitions] of byLeader)
			if (!this.#busy.has(leader)) void this.#fetch(leader, partitions);
	}

	close(): void {
		this.#isClosed = true;
		clearInterval(this.#timer);
	}

	#isFull(): boolean {
		let count = 0;
		let bytes = 0;
		for (const { waiting, waitingBytes } of this.#partitions.values()) {
			count += waiting;
			bytes += waitingBytes;
		}
		return count >= MAX_WAITING || bytes >= MAX_WAITING_BYTES;
	}

	/** Never rejects. */
	async #fetch(leader: number, partitions: Partition[]): Promise<void> {
		this.#busy.add(leader);
		try {
			const response = await this.#client.fetch({
				node: leader,
				maxWaitTime: MAX_WAIT_MS,
				minBytes: 1,
				maxBytes: MAX_BYTES,
				topics: [
					{ topicId: this.#topicId, partitions: partitions.map(request) },
				],
			});
			this.#troubles.end("fetch records");
			for (const [partition, fetched] of pairs(partitions, response))
				partition.accept(fetched);
			this.#events.fetched();
		} catch (error) {
			if (!this.#isClosed) await this.#recover(partitions, error);
		} finally {
			this.#busy.delete(leader);
			this.pump();
		}
	}

	async #recover(partitions: Partition[], error: unknown): Promise<void> {
		const { response } = error as { response?: fetchV17.FetchResponse };
		if (!response || !isProtocolError(error, "OFFSET_OUT_OF_RANGE"))
			return this.#rest(error);
		try {
			for (const [partition, { errorCode }] of pairs(partitions, response))
				if (errorCode === OFFSET_OUT_OF_RANGE)
					await this.#events.changed(partition, false);
		} catch (again) {
			await this.#rest(again);
		}
	}

	async #rest(error: unknown): Promise<void> {
		this.#troubles.begin("fetch records", error);
		await sleep(RETRY_MS);
		await this.refresh().catch((again) =>
			this.#troubles.begin("fetch records", again),
		);
	}
}

const OFFSET_OUT_OF_RANGE = 1;

const request = ({ index, position }: Partition) => ({
	partition: index,
	fetchOffset: BigInt(position),
	partitionMaxBytes: MAX_PARTITION_BYTES,
	currentLeaderEpoch: -1,
	lastFetchedEpoch: -1,
});

/** Partitions with what was fetched of them, without those that were lost meanwhile. */
function* pairs(
	partitions: Partition[],
	{ responses }: fetchV17.FetchResponse,
) {
	for (const fetched of responses.flatMap((topic) => topic.partitions)) {
		const partition = partitions.find(
			({ index }) => index === fetched.partitionIndex,
		);
		if (partition && !partition.isLost) yield [partition, fetched] as const;
	}
}
