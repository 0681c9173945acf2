import { randomUUID } from "node:crypto";
import {
	Admin,
	type MessageToProduce,
	ProduceAcks,
	Producer,
} from "@platformatic/kafka";
import { onTestFinished } from "vitest";
import { openSource } from "../../../../../src/listeners/drivers/kafka/source.ts";
import type { Message } from "../../../../../src/listeners/message.ts";
import type { KafkaSourceOptions } from "../../../../../src/listeners/options.ts";
import type { Source } from "../../../../../src/listeners/source.ts";
import { until } from "../../../../support/until.ts";

type Sent = Omit<MessageToProduce, "topic" | "value"> & { value?: Buffer };

/** A topic of a test's own, seen with the library alone. */
export class Topic {
	readonly name = randomUUID();
	readonly groupId = `${this.name}-group`;
	readonly admin: Admin;
	readonly producer: Producer;
	readonly #brokers: string[];

	constructor(brokers: string[]) {
		this.#brokers = brokers;
		const base = { clientId: "test", bootstrapBrokers: brokers };
		this.admin = new Admin(base);
		// Of a topic that was made just now some partitions may not be ready: all is sent again, and else there twice.
		this.producer = new Producer({ ...base, idempotent: true });
	}

	static async make(brokers: string[], partitions = 1): Promise<Topic> {
		const topic = new Topic(brokers);
		onTestFinished(() => topic.close());
		await topic.create(partitions);
		return topic;
	}

	async create(partitions = 1): Promise<void> {
		const topics = [this.name];
		await this.admin.createTopics({ topics, partitions });
		await until("all know of it", () =>
			this.admin.metadata({ topics, forceUpdate: true }).then(
				() => true,
				() => false,
			),
		);
	}

	/** Sends these texts, or records, to a partition. */
	async send(records: (string | Sent)[], partition = 0): Promise<void> {
		const topic = this.name;
		const messages = records.map((record) => ({
			topic,
			partition,
			...(typeof record === "string" ? { value: Buffer.from(record) } : record),
		})) as MessageToProduce[];
		await this.producer.send({ messages, acks: ProduceAcks.ALL });
	}

	/** What the group has committed of each partition. */
	async committed(): Promise<Record<number, number>> {
		const [group] = await this.admin.listConsumerGroupOffsets({
			groups: [this.groupId],
		});
		const found = group?.topics[0]?.partitions ?? [];
		return Object.fromEntries(
			found.map((p) => [p.partitionIndex, Number(p.committedOffset)]),
		);
	}

	/** Resolves when so much is committed of a partition. */
	isCommitted(offset: number, partition = 0): Promise<boolean> {
		return until(
			`${offset} is committed of partition ${partition}`,
			async () => (await this.committed())[partition] === offset,
		);
	}

	/** How it is declared to a listener. */
	options(more: Partial<KafkaSourceOptions> = {}): KafkaSourceOptions {
		return {
			type: "kafka",
			brokers: this.#brokers,
			topic: this.name,
			groupId: this.groupId,
			from: "earliest",
			...more,
		};
	}

	open(more?: Partial<KafkaSourceOptions>): Promise<Reader> {
		return Reader.open(this.options(more));
	}

	async close(): Promise<void> {
		await this.admin.close();
		await this.producer.close();
	}
}

/** A source and what it said. */
export class Reader {
	readonly source: Source;
	/** Taken, not lost since. */
	readonly held = new Set<Message>();
	/** Ids of those that were lost. */
	readonly lost: string[] = [];

	static async open(options: KafkaSourceOptions): Promise<Reader> {
		let reader: Reader | undefined;
		const source = await openSource(options, {
			lost: (isLost) => reader?.lose(isLost),
		});
		reader = new Reader(source);
		onTestFinished(() => source.close());
		return reader;
	}

	constructor(source: Source) {
		this.source = source;
	}

	lose(isLost: (message: Message) => boolean): void {
		for (const message of this.held)
			if (isLost(message)) {
				this.held.delete(message);
				this.lost.push(message.id);
			}
	}

	async receive(
		max = this.source.maxReceive,
		signal = NEVER,
	): Promise<Message[]> {
		const messages = await this.source.receive(max, signal);
		for (const message of messages) this.held.add(message);
		return messages;
	}

	/** Waits for so many. */
	async take(count: number): Promise<Message[]> {
		const taken: Message[] = [];
		await until(`${count} messages have come`, async () => {
			taken.push(...(await this.receive(count - taken.length)));
			return taken.length >= count;
		});
		return taken;
	}

	async ack(messages: Message[]): Promise<void> {
		for (const message of messages) {
			await this.source.ack(message);
			this.held.delete(message);
		}
	}
}

const NEVER = new AbortController().signal;

/** Their bodies as text. */
export const texts = (messages: readonly Message[]): string[] =>
	messages.map(({ body }) => body.toString());

export const upTo = (count: number): string[] =>
	Array.from({ length: count }, (_, i) => String(i));
