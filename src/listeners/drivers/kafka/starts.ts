import type { Consumer } from "@platformatic/kafka";
import type { KafkaSourceOptions } from "../../options.ts";
import { Partition } from "./partition.ts";

const EARLIEST = -2n;
const LATEST = -1n;

/**
 * Where partitions begin that have become ours: where the group left off, else as `from` says.
 * @param known partitions that the topic had when we came; what was added since is all new, and read from its beginning
 */
export async function startPartitions(
	member: Consumer,
	reader: Consumer,
	{ topic, from }: KafkaSourceOptions,
	indexes: number[],
	known: number,
): Promise<Partition[]> {
	if (indexes.length === 0) return [];
	const all = await member.listCommittedOffsets({
		topics: [{ topic, partitions: indexes }],
	});
	const committed = (index: number) => Number(all.get(topic)?.[index] ?? -1);
	const fresh = indexes.filter((index) => committed(index) < 0);
	const starts = new Map([
		...(await offsetsOf(
			reader,
			topic,
			fresh.filter((i) => i < known),
			from,
		)),
		...(await offsetsOf(
			reader,
			topic,
			fresh.filter((i) => i >= known),
			"earliest",
		)),
	]);
	return indexes.map(
		(index) =>
			new Partition(
				index,
				starts.get(index) ?? committed(index),
				committed(index),
			),
	);
}

/** The first offsets of these partitions, or those of the next records. */
export async function offsetsOf(
	reader: Consumer,
	topic: string,
	indexes: number[],
	which: KafkaSourceOptions["from"],
): Promise<Map<number, number>> {
	if (indexes.length === 0) return new Map();
	const found = await reader.listOffsets({
		topics: [topic],
		partitions: { [topic]: indexes },
		timestamp: which === "earliest" ? EARLIEST : LATEST,
	});
	const offsets = found.get(topic) ?? [];
	return new Map(indexes.map((index) => [index, Number(offsets[index])]));
}
