import { randomUUID } from "node:crypto";
import { Admin, Producer } from "@platformatic/kafka";
import { startCut } from "../brokers/cut.ts";
import { startKafka } from "../brokers/kafka.ts";
import type { FlowBroker } from "./flow.ts";

const PARTITIONS = 4;
/** In one request. */
const MAX_BATCH = 500;

export async function startKafkaFlows(): Promise<FlowBroker> {
	const cut = await startCut();
	const broker = await startKafka({ advertisedPort: cut.port });
	cut.leadTo(broker.port);
	const base = { clientId: "test", bootstrapBrokers: broker.brokers };
	return {
		broker,
		cut,
		async open() {
			const topic = randomUUID();
			const groupId = `${topic}-group`;
			const admin = new Admin(base);
			await admin.createTopics({ topics: [topic], partitions: PARTITIONS });
			const source = {
				type: "kafka" as const,
				brokers: [cut.address],
				topic,
				groupId,
				from: "earliest" as const,
			};
			return {
				source,
				direct: source,
				sink: { type: "kafka", brokers: [cut.address], topic },
				async send(bodies) {
					// Of a topic that was made just now some partitions may not be ready: all is sent again, and else there twice.
					const producer = new Producer({ ...base, idempotent: true });
					for (let at = 0; at < bodies.length; at += MAX_BATCH)
						await producer.send({
							acks: -1,
							messages: bodies.slice(at, at + MAX_BATCH).map((body, i) => ({
								topic,
								key: Buffer.from(String(at + i)),
								value: Buffer.from(body),
							})),
						});
					await producer.close();
				},
				async left() {
					const partitions = Array.from(
						{ length: PARTITIONS },
						(_, partitionIndex) => ({ partitionIndex, timestamp: -1n }),
					);
					const ends = await admin.listOffsets({
						topics: [{ name: topic, partitions }],
					});
					const [group] = await admin.listConsumerGroupOffsets({
						groups: [groupId],
					});
					const done = group?.topics[0]?.partitions ?? [];
					let left = 0;
					for (const { partitionIndex, offset } of ends[0]?.partitions ?? []) {
						const at = done.find((it) => it.partitionIndex === partitionIndex);
						left += Number(offset) - Number(at?.committedOffset ?? 0);
					}
					return left;
				},
				async close() {
					await admin.deleteTopics({ topics: [topic] });
					await admin.close();
				},
			};
		},
		async close() {
			await cut.close();
			await broker.close();
		},
	};
}
