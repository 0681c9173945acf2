import { afterAll, describe, expect, test } from "vitest";
import { optional } from "../../../../clients/optional.ts";
import { type Kafka, startKafka } from "../../../../support/brokers/kafka.ts";
import { until } from "../../../../support/until.ts";
import { Topic, texts, upTo } from "./topic.ts";

const there = await optional("Kafka", startKafka);

describe.skipIf(there === undefined)("a source of Kafka", () => {
	const kafka = there as Kafka;
	afterAll(() => kafka?.close());
	const make = (partitions?: number) => Topic.make(kafka.brokers, partitions);

	test("gives records as messages: id, body, time, key and headers", async () => {
		const topic = await make(2);
		await topic.send(
			[
				{
					key: Buffer.from("k"),
					value: Buffer.from("hello"),
					timestamp: 1_700_000_000_123n,
					headers: new Map([
						[Buffer.from("text"), Buffer.from("schön")],
						[Buffer.from("bytes"), Buffer.from([0xff, 0x00])],
					]),
				},
				{ key: Buffer.from("k") },
			],
			1,
		);
		const reader = await topic.open();
		const [first, tombstone] = await reader.take(2);
		expect(first).toMatchObject({
			id: `${topic.name}/1/0`,
			body: Buffer.from("hello"),
			group: "1/k",
			attempts: 0,
			sentAtMs: 1_700_000_000_123,
			handedOn: {
				key: Buffer.from("k"),
				headers: { text: "schön", bytes: Buffer.from([0xff, 0x00]) },
			},
		});
		expect(tombstone?.body).toEqual(Buffer.alloc(0));
	});

	test("puts what is to run in order into a group: by key, by partition, or not at all", async () => {
		const topic = await make(2);
		const [a, b] = [Buffer.from("a"), Buffer.from([0xff, 0xfe])];
		await topic.send([{ key: a }, { key: b }, {}, { key: a }], 1);
		const groupsOf = async (order?: "key" | "partition" | "none") => {
			const groupId = `${topic.groupId}-${order}`;
			const reader = await topic.open({ groupId, ...(order && { order }) });
			return (await reader.take(4)).map(({ group }) => group);
		};
		expect(await groupsOf()).toEqual(["1/a", "1/ÿþ", undefined, "1/a"]);
		expect(await groupsOf("partition")).toEqual(["1", "1", "1", "1"]);
		expect(await groupsOf("none")).toEqual(Array(4).fill(undefined));
	});

	test.each([
		["earliest", ["before", "after", "later"]],
		["latest", ["after", "later"]],
	] as const)(
		"a group that has never read the topic begins at its %s record, and knows that even if it has acknowledged nothing",
		async (from, all) => {
			const topic = await make();
			await topic.send(["before"]);
			const reader = await topic.open({ from });
			await topic.send(["after"]);
			const first = await reader.take(all.length - 1);
			expect(texts(first)).toEqual(all.slice(0, -1));
			// Nobody has had them before, whatever had the same ids in a topic of this name.
			expect(first[0]?.isRedelivered).toBe(false);
			await reader.source.close();
			await topic.send(["later"]);
			const again = await (await topic.open({ from })).take(all.length);
			expect(texts(again)).toEqual(all);
			expect(again[0]?.isRedelivered).toBe(true);
		},
	);

	test("commits up to the first record that is not acknowledged, in whatever order they are", async () => {
		const topic = await make();
		await topic.send(upTo(10));
		const reader = await topic.open();
		const all = await reader.take(10);
		await reader.ack([9, 0, 2, 1, 5].flatMap((i) => all[i] ?? []));
		await topic.isCommitted(3);
		await reader.ack([3, 4].flatMap((i) => all[i] ?? []));
		await topic.isCommitted(6);
		await reader.source.close();
		const rest = await (await topic.open()).take(4);
		expect(texts(rest)).toEqual(["6", "7", "8", "9"]);
	});

	test("reads nothing twice that was acknowledged before it was closed", async () => {
		const topic = await make(3);
		for (const partition of [0, 1, 2]) await topic.send(upTo(1000), partition);
		const reader = await topic.open();
		await reader.ack(await reader.take(3000));
		await reader.source.close();
		expect(await topic.committed()).toEqual({ 0: 1000, 1: 1000, 2: 1000 });
		await topic.send(["new"]);
		expect(texts(await (await topic.open()).take(1))).toEqual(["new"]);
	});

	test("gives all partitions their turn", async () => {
		const topic = await make(3);
		for (const partition of [0, 1, 2]) await topic.send(upTo(600), partition);
		const reader = await topic.open();
		const first = await until("all have come", async () => {
			const got = await reader.receive(90);
			return got.length === 90 && got;
		});
		const partitions = first.map(({ id }) => id.split("/")[1]);
		expect(new Set(partitions)).toEqual(new Set(["0", "1", "2"]));
	});

	test("holds back what there is no room for, and gives all of it in the end", async () => {
		const topic = await make();
		const body = "x".repeat(4000);
		for (let i = 0; i < 100; i++)
			await topic.send(upTo(200).map((n) => `${i * 200 + Number(n)} ${body}`));
		const reader = await topic.open();
		const taken = await reader.take(20_000);
		expect(texts(taken).map((text) => Number.parseInt(text, 10))).toEqual(
			upTo(20_000).map(Number),
		);
	});

	test("gives nothing once its caller does not wait any more", async () => {
		const topic = await make();
		const reader = await topic.open();
		const waiting = new AbortController();
		const receiving = reader.receive(1, waiting.signal);
		waiting.abort();
		expect(await receiving).toEqual([]);
	});

	test("counts what is not done", async () => {
		const topic = await make(2);
		await topic.send(upTo(5), 0);
		await topic.send(upTo(7), 1);
		const reader = await topic.open();
		expect(await reader.source.lag()).toBe(12);
		const all = await reader.take(12);
		await reader.ack(all.filter(({ id }) => id.includes("/1/")));
		await until("less is left", async () => (await reader.source.lag()) === 5);
	});

	test("leaves out what belongs to an aborted transaction", async () => {
		const topic = await make();
		const { Producer, ProduceAcks } = await import("@platformatic/kafka");
		const producer = new Producer({
			clientId: "test",
			bootstrapBrokers: kafka.brokers,
			idempotent: true,
			transactionalId: topic.name,
		});
		// More than one answer carries, so that the marker of its end comes in another.
		const body = Buffer.alloc(400_000, "x");
		for (const [first, isAborted] of [
			["a", true],
			["b", false],
			["c", true],
		] as const) {
			const transaction = await producer.beginTransaction();
			for (const value of [Buffer.from(first), body, body])
				await transaction.send({
					messages: [{ topic: topic.name, partition: 0, value }],
					acks: ProduceAcks.ALL,
				});
			await (isAborted ? transaction.abort() : transaction.commit());
		}
		await producer.close();
		await topic.send(["end"]);
		const reader = await topic.open();
		const taken = await reader.take(4);
		expect(texts(taken).map((text) => text.slice(0, 3))).toEqual([
			"b",
			"xxx",
			"xxx",
			"end",
		]);
		await reader.ack(taken);
		await topic.isCommitted(13);
	});

	test("goes on with what is left when records were deleted that it had not read", async () => {
		const topic = await make();
		await topic.send(upTo(10));
		const first = await topic.open();
		await first.ack(await first.take(2));
		await first.source.close();
		await topic.admin.deleteRecords({
			topics: [
				{ name: topic.name, partitions: [{ partition: 0, offset: 5n }] },
			],
		});
		const reader = await topic.open();
		expect(texts(await reader.take(5))).toEqual(["5", "6", "7", "8", "9"]);
	});

	test("reads a topic from its beginning that was deleted and made anew", async () => {
		const topic = await make();
		await topic.send(upTo(10));
		const reader = await topic.open();
		await reader.ack(await reader.take(10));
		await topic.isCommitted(10);
		await topic.admin.deleteTopics({ topics: [topic.name] });
		await until("it is made anew", () =>
			topic.create().then(
				() => true,
				() => false,
			),
		);
		topic.producer.clearMetadata();
		await topic.send(["new"]);
		const news = await until("it is read", () =>
			reader.take(1).catch(() => undefined),
		);
		expect(texts(news)).toEqual(["new"]);
		expect(news[0]?.isRedelivered).toBe(false);
		await reader.ack(news);
		await topic.isCommitted(1);
	});

	test("says that there is no such topic, and makes none", async () => {
		const topic = new Topic(kafka.brokers);
		await expect(topic.open()).rejects.toThrow(
			`cannot read: Kafka at ${kafka.brokers[0]} has no topic "${topic.name}"; create it there, or correct "topic"`,
		);
		await topic.close();
	});

	test("says where nobody answers", async () => {
		const topic = new Topic(["127.0.0.1:1"]);
		await expect(topic.open()).rejects.toThrow(
			"cannot read: Kafka at 127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1",
		);
		await topic.close();
	});
});
