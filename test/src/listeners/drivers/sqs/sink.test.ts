import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { openSink } from "../../../../../src/listeners/drivers/sqs/sink.ts";
import type { SqsOptions } from "../../../../../src/listeners/options.ts";
import { type Sink, Undeliverable } from "../../../../../src/listeners/sink.ts";
import { optional } from "../../../../clients/optional.ts";
import {
	letter,
	type Queue,
	type Queues,
	startQueues,
	text,
} from "./queues.ts";

const there = await optional("SQS", startQueues);

describe.skipIf(there === undefined)("a queue of SQS as a sink", () => {
	const queues = there as Queues;
	const { between } = queues ?? {};
	const sinks: Sink[] = [];
	let queue: Queue;

	beforeEach(async () => {
		queue = await queues.make();
		between.answer(() => undefined);
		between.seen.length = 0;
	});
	afterAll(async () => {
		for (const sink of sinks) await sink.close();
		await queues.close();
	});

	async function open(options: SqsOptions = queue.options): Promise<Sink> {
		const sink = await openSink(options);
		sinks.push(sink);
		return sink;
	}

	const sends = () =>
		between.seen
			.filter(({ action }) => action === "SendMessageBatch")
			.map(({ input }) => input.Entries?.length);

	test("a letter's headers are attributes, as far as SQS takes them", async () => {
		const sink = await open();
		const headers = {
			text: "glad",
			number: 1.5,
			huge: 1e300,
			big: 2n ** 60n,
			bytes: Buffer.from([0, 255]),
			list: [{ n: 1n }],
			is: true,
			odd: "a\u0001\ud800\uffff",
			"": "no name",
			"with space": "no",
			".dot": "no",
			"AWS.trace": "no",
			"applyd-error": "no",
			empty: "",
			none: undefined,
		};
		await sink.put(letter("1", "{}", { headers, correlationId: "c-1" }));
		const [message] = await queue.takeAll();
		expect(message?.Body).toBe("{}");
		expect(message?.MessageAttributes).toEqual({
			correlationId: text("c-1"),
			text: text("glad"),
			number: text("1.5", "Number"),
			huge: text("1e+300"),
			big: text(`${2n ** 60n}`),
			bytes: {
				DataType: "Binary",
				BinaryValue: new Uint8Array([0, 255]),
			},
			list: text('[{"n":"1"}]'),
			is: text("true"),
			odd: text("a\ufffd\ufffd\ufffd"),
		});
	});

	test("no more than ten attributes are sent, the correlation id first", async () => {
		const sink = await open();
		const headers = Object.fromEntries(
			Array.from({ length: 15 }, (_, i) => [`h${i}`, i]),
		);
		await sink.put(letter("1", "{}", { headers, correlationId: "c-1" }));
		const CorrelationId = "c-2";
		await sink.put(
			letter("2", "{}", { headers: { CorrelationId }, correlationId: "c-2" }),
		);
		const messages = await queue.takeAll();
		const names = messages.map(({ MessageAttributes = {} }) =>
			Object.keys(MessageAttributes).sort(),
		);
		expect(names).toEqual([
			["correlationId", ...Array.from({ length: 9 }, (_, i) => `h${i}`)],
			["CorrelationId"],
		]);
	});

	test("a body keeps its meaning where SQS does not take its characters", async () => {
		const body = JSON.stringify({ text: "\u0001\ufffe\uffff\ud83d\ude00" });
		await (await open()).put(letter("1", body));
		const [message] = await queue.takeAll();
		expect(JSON.parse(message?.Body ?? "")).toEqual(JSON.parse(body));
	});

	test("letters at nearly the same time share requests, by tens and by size", async () => {
		const sink = await open(queue.watched);
		const put = (count: number, body: string) =>
			Promise.all(
				Array.from({ length: count }, (_, i) => sink.put(letter(`${i}`, body))),
			);
		await put(23, '"small"');
		// Requests under way at once arrive in any order.
		expect(sends().sort()).toEqual([10, 10, 3]);
		await put(3, JSON.stringify("x".repeat(400_000)));
		expect(sends().slice(3).sort()).toEqual([1, 2]);
		expect(await queue.waiting()).toBe(26);
	});

	test("a letter over SQS's limit cannot be delivered, and the error says what to do", async () => {
		const sink = await open();
		const body = JSON.stringify("x".repeat(2 ** 20 - 20));
		await sink.put(letter("1", body));
		const headers = { mood: "glad".repeat(10) };
		const tooLong = sink.put(letter("2", body, { headers }));
		await expect(tooLong).rejects.toThrow(Undeliverable);
		await expect(tooLong).rejects.toThrow(
			`1048608 bytes with attributes, and the queue ${queue.url} takes 1048576 at most; let results go to "data"`,
		);
		expect(await queue.waiting()).toBe(1);
	});

	test("a queue's own limit counts", async () => {
		between.answer(({ action }) =>
			action === "GetQueueAttributes"
				? { Attributes: { MaximumMessageSize: "1024" } }
				: undefined,
		);
		const sink = await open(queue.watched);
		await expect(
			sink.put(letter("1", JSON.stringify("x".repeat(1023)))),
		).rejects.toThrow("takes 1024 at most");
	});

	test("a letter that SQS refuses is undeliverable, and its neighbours are stored", async () => {
		const sink = await open();
		const outcomes = await Promise.allSettled(
			['"a"', '"\u0001"', '"c"'].map((body) => sink.put(letter(body, body))),
		);
		expect(outcomes).toEqual([
			{ status: "fulfilled" },
			{ status: "rejected", reason: expect.any(Undeliverable) },
			{ status: "fulfilled" },
		]);
		expect(await queue.waiting()).toBe(2);
	});

	test("a request that is refused as a whole is sent again letter by letter", async () => {
		between.answer(({ action, input: { Entries = [] } }) => {
			const isRefused =
				Entries.length > 1 || Entries[0]?.MessageBody === '"bad"';
			return action === "SendMessageBatch" && isRefused
				? { error: "InvalidMessageContents" }
				: undefined;
		});
		const sink = await open(queue.watched);
		const outcomes = await Promise.allSettled(
			['"a"', '"bad"', '"c"'].map((body) => sink.put(letter(body, body))),
		);
		expect(outcomes).toEqual([
			{ status: "fulfilled" },
			{ status: "rejected", reason: expect.any(Undeliverable) },
			{ status: "fulfilled" },
		]);
		const stored = await queue.takeAll();
		expect(stored.map(({ Body }) => Body).sort()).toEqual(['"a"', '"c"']);
	});

	test("a letter that may be taken later is not undeliverable", async () => {
		const sink = await open(queue.watched);
		between.answer(() => ({ error: "AccessDenied" }));
		const put = sink.put(letter("1", "{}"));
		await expect(put).rejects.toThrow(`${queue.url} refuses sqs:SendMessage`);
		await expect(put).rejects.not.toThrow(Undeliverable);
	});

	test("whoever may only send can send", async () => {
		between.answer(({ action }) =>
			action === "GetQueueAttributes" ? { error: "AccessDenied" } : undefined,
		);
		await (await open(queue.watched)).put(letter("1", "{}"));
		expect(await queue.waiting()).toBe(1);
	});

	test("a FIFO queue takes a letter once, in its group or one of its own", async () => {
		queue = await queues.make("r.fifo");
		const sink = await open();
		await sink.put(letter("1", '"a"', { groupId: "g" }));
		await sink.put(letter("1", '"a again"', { groupId: "g" }));
		await sink.put(letter("topic/0/17", '"b"'));
		const odd = "odd id ".repeat(30);
		await sink.put(letter(odd, '"c"'));
		await sink.put(letter(odd, '"c again"'));
		const messages = await queue.takeAll();
		const groups = messages.map(({ Body, Attributes }) => [
			Body,
			Attributes?.MessageGroupId,
		]);
		expect(groups.sort()).toEqual([
			['"a"', "g"],
			['"b"', "topic/0/17"],
			['"c"', expect.stringMatching(/^[0-9a-f]{64}$/)],
		]);
	});

	test("close stores what has been put", async () => {
		const sink = await open();
		const put = sink.put(letter("1", "{}"));
		await sink.close();
		await put;
		expect(await queue.waiting()).toBe(1);
	});

	test("a queue that is not there cannot be opened", async () => {
		const queueUrl = `${queue.url}-not`;
		await expect(open({ ...queue.options, queueUrl })).rejects.toThrow(
			`the queue ${queueUrl} is not there`,
		);
	});
});
