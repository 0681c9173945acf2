import { isUtf8 } from "node:buffer";
import type { KafkaRecord } from "@platformatic/kafka";
import type { Message } from "../../message.ts";
import type { KafkaSourceOptions } from "../../options.ts";
import type { Fetched, Partition } from "./partition.ts";

export interface KafkaMessage extends Message {
	readonly partition: Partition;
	readonly offset: number;
}

/** @throws nothing: a record without a value has an empty body, one with an odd header has its bytes */
export function toMessage(
	{ topic, order = "key" }: KafkaSourceOptions,
	partition: Partition,
	{ record, offset, sentAtMs }: Fetched,
): KafkaMessage {
	const { index } = partition;
	const key = record.key === null ? undefined : Buffer.from(record.key);
	return {
		id: `${topic}/${index}/${offset}`,
		// A copy: a view would keep all that was fetched with it in memory, for as long as the message is worked on.
		body: Buffer.from(record.value ?? []),
		group: groupOf(order, index, key),
		// Kafka does not say. Offsets of a topic that was made anew are those of other records.
		isRedelivered: !partition.isFirstRead,
		attempts: 0,
		sentAtMs,
		handedOn: { headers: headersOf(record), key },
		partition,
		offset,
	};
}

function groupOf(
	order: NonNullable<KafkaSourceOptions["order"]>,
	index: number,
	key: Buffer | undefined,
): string | undefined {
	if (order === "partition") return String(index);
	if (order === "none" || key === undefined) return undefined;
	return `${index}/${key.toString("latin1")}`;
}

/** Of headers with one name the last counts. */
function headersOf({ headers }: KafkaRecord): Record<string, unknown> {
	const entries = headers.map(([name, value]) => [
		(name ?? "").toString(),
		value === null
			? null
			: isUtf8(value)
				? value.toString()
				: Buffer.from(value),
	]);
	return Object.fromEntries(entries);
}
