import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { openSink } from "../../../../../src/listeners/drivers/kafka/sink.ts";
import type { Letter } from "../../../../../src/listeners/letter.ts";
import { type Sink, Undeliverable } from "../../../../../src/listeners/sink.ts";
import { optional } from "../../../../clients/optional.ts";
import { type Kafka, startKafka } from "../../../../support/brokers/kafka.ts";
import { until } from "../../../../support/until.ts";
import { Topic, texts, upTo } from "./topic.ts";

const there = await optional("Kafka", startKafka);

describe.skipIf(there === undefined)("a sink of Kafka", () => {
	const kafka = there as Kafka;
	afterAll(() => kafka?.close());
	const make = (partitions?: number) => Topic.make(kafka.brokers, partitions);

	async function open(topic: Topic): Promise<Sink> {
		const sink = await openSink(topic.options());
		onTestFinished(() => sink.close());
		return sink;
	}

	const letter = (
		body: string | Buffer,
		handedOn: Partial<Letter["handedOn"]> = {},
	): Letter => ({
		id: "1",
		body: Buffer.from(body),
		handedOn: { headers: {}, ...handedOn },
	});

	test("hands on key, headers and correlation id", async () => {
		const topic = await make();
		const sink = await open(topic);
		await sink.put(
			letter("{}", {
				key: Buffer.from("k"),
				correlationId: "c-1",
				headers: {
					text: "schön",
					bytes: Buffer.from([0xff]),
					count: 7,
					list: [1, "a"],
					none: null,
				},
			}),
		);
		const [message] = await (await topic.open()).take(1);
		expect(message?.handedOn).toEqual({
			key: Buffer.from("k"),
			headers: {
				text: "schön",
				bytes: Buffer.from([0xff]),
				count: "7",
				list: '[1,"a"]',
				none: null,
				correlationId: "c-1",
			},
		});
	});

	test("sends a key to the partition where clients of Java send it", async () => {
		const topic = await make(7);
		const sink = await open(topic);
		// Kafka's own murmur2 of these, as its tests have it, without the sign.
		const hashes = { foobar: -790332482, abc: 479470107, "21": -973932308 };
		for (const key of Object.keys(hashes))
			await sink.put(letter("{}", { key: Buffer.from(key) }));
		const taken = await (await topic.open()).take(3);
		const partitions = Object.fromEntries(
			taken.map(({ id, handedOn }) => [
				String(handedOn.key),
				Number(id.split("/")[1]),
			]),
		);
		expect(partitions).toEqual(
			Object.fromEntries(
				Object.entries(hashes).map(([key, hash]) => [
					key,
					(hash & 0x7fffffff) % 7,
				]),
			),
		);
	});

	test("spreads what has no key over all partitions", async () => {
		const topic = await make(3);
		const sink = await open(topic);
		await Promise.all(upTo(30).map((i) => sink.put(letter(i))));
		const taken = await (await topic.open()).take(30);
		expect(new Set(taken.map(({ id }) => id.split("/")[1])).size).toBe(3);
	});

	test("keeps the letters of a key in the order in which they were put", async () => {
		const topic = await make(4);
		const sink = await open(topic);
		const keys = ["a", "b", "c", "d", "e"];
		await Promise.all(
			upTo(20_000).map((i) =>
				sink.put(letter(i, { key: Buffer.from(keys[Number(i) % 5] ?? "") })),
			),
		);
		const taken = await (await topic.open()).take(20_000);
		for (const [rest, key] of keys.entries()) {
			const own = taken.filter(({ handedOn }) => String(handedOn.key) === key);
			expect(texts(own)).toEqual(
				upTo(20_000).filter((i) => Number(i) % 5 === rest),
			);
		}
	});

	test("refuses what is too large for the topic, with the limit, and takes what was put beside it", async () => {
		const topic = await make();
		const sink = await open(topic);
		const large = sink.put(letter(Buffer.alloc(1_200_000)));
		const small = upTo(10).map((i) => sink.put(letter(i)));
		const error = await large.catch((refused) => refused);
		expect(error).toBeInstanceOf(Undeliverable);
		expect(error.message).toMatch(
			/^a record of 12000\d\d bytes is over the limit of topic ".*", its max\.message\.bytes of 1048588 bytes; raise that, or answer with less$/,
		);
		await Promise.all(small);
		expect(texts(await (await topic.open()).take(10))).toEqual(upTo(10));
	});

	test("keeps to a topic's lower limit, each letter by itself if need be", async () => {
		const topic = new Topic(kafka.brokers);
		onTestFinished(() => topic.close());
		await topic.admin.createTopics({
			topics: [topic.name],
			partitions: 1,
			configs: [{ name: "max.message.bytes", value: "2000" }],
		});
		const sink = await open(topic);
		const put = upTo(100).map((i) =>
			sink.put(letter(i === "50" ? Buffer.alloc(3000) : i.padStart(500))),
		);
		const outcomes = await Promise.allSettled(put);
		const refused = outcomes.flatMap(({ status }, i) =>
			status === "rejected" ? [i] : [],
		);
		expect(refused).toEqual([50]);
		const taken = await (await topic.open()).take(99);
		expect(texts(taken).map(Number)).toEqual(
			upTo(100)
				.map(Number)
				.filter((i) => i !== 50),
		);
	});

	test("says that there is no such topic", async () => {
		const topic = new Topic(kafka.brokers);
		onTestFinished(() => topic.close());
		const open = openSink(topic.options());
		await expect(open).rejects.toThrow(
			`cannot write: Kafka at ${kafka.brokers[0]} has no topic "${topic.name}"; create it there, or correct "topic"`,
		);
	});

	test("stores what it still has when it is closed", async () => {
		const topic = await make();
		const sink = await open(topic);
		const put = Promise.all(upTo(1000).map((i) => sink.put(letter(i))));
		await sink.close();
		await put;
		expect(await (await topic.open()).take(1000)).toHaveLength(1000);
	});

	test("refuses while the broker is gone, and takes again when it is back", {
		timeout: 120_000,
	}, async () => {
		const topic = await make();
		const sink = await open(topic);
		await kafka.kill();
		await expect(sink.put(letter("lost?"))).rejects.toThrow(
			`cannot write: Kafka at ${kafka.brokers[0]}: `,
		);
		await kafka.restart();
		await until("it takes again", () =>
			sink.put(letter("found")).then(
				() => true,
				() => false,
			),
		);
		const taken = await (await topic.open()).take(1);
		expect(texts(taken)).toEqual(["found"]);
	});
});
