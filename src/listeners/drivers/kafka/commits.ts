import type { Consumer } from "@platformatic/kafka";
import { isGroupMoving } from "./failure.ts";
import type { Partition } from "./partition.ts";
import type { Troubles } from "./troubles.ts";

const COMMIT_MS = 200;

/** Tells the group how far our partitions are done: now and then, and before they are given up. */
export class Commits {
	readonly #client: Consumer;
	readonly #topic: string;
	readonly #partitions: ReadonlyMap<number, Partition>;
	readonly #troubles: Troubles;
	readonly #timer: NodeJS.Timeout;
	#running: Promise<void> | undefined;

	/** @param isSettled whether the partitions are certainly ours */
	constructor(
		client: Consumer,
		topic: string,
		partitions: ReadonlyMap<number, Partition>,
		troubles: Troubles,
		isSettled: () => boolean,
	) {
		this.#client = client;
		this.#topic = topic;
		this.#partitions = partitions;
		this.#troubles = troubles;
		this.#timer = setInterval(() => {
			if (this.#running || !isSettled()) return;
			this.#running = this.flush().then(() => {
				this.#running = undefined;
			});
		}, COMMIT_MS);
	}

	/** The request is sent before this returns. Never rejects: what fails is tried again while the partition is ours. */
	async flush(): Promise<void> {
		const ahead = [...this.#partitions.values()]
			.map((partition) => ({ partition, offset: partition.watermark }))
			.filter(({ partition, offset }) => offset > partition.committed);
		try {
			if (ahead.length > 0) await commitAll(this.#client, this.#topic, ahead);
			this.#troubles.end("commit");
		} catch (error) {
			if (!isGroupMoving(error)) this.#troubles.begin("commit", error);
		}
	}

	async close(): Promise<void> {
		clearInterval(this.#timer);
		await this.#running;
		await this.flush();
	}
}

async function commitAll(
	client: Consumer,
	topic: string,
	ahead: { partition: Partition; offset: number }[],
): Promise<void> {
	await client.commit({
		offsets: ahead.map(({ partition, offset }) => ({
			topic,
			partition: partition.index,
			offset: BigInt(offset),
			leaderEpoch: -1,
		})),
	});
	for (const { partition, offset } of ahead)
		partition.committed = Math.max(partition.committed, offset);
}

/** From then on the group knows that it has begun with these. @throws Error as the library does */
export async function commitStarts(
	client: Consumer,
	topic: string,
	partitions: Partition[],
): Promise<void> {
	const starts = partitions.map((partition) => ({
		partition,
		offset: partition.position,
	}));
	if (starts.length > 0) await commitAll(client, topic, starts);
}
