import { afterAll, beforeEach, describe, expect, test } from "vitest";
import type { SqsMessage } from "../../../../../src/listeners/drivers/sqs/message.ts";
import { moveBack } from "../../../../../src/listeners/drivers/sqs/redrive.ts";
import { openSource } from "../../../../../src/listeners/drivers/sqs/source.ts";
import type { SqsOptions } from "../../../../../src/listeners/options.ts";
import type { Source } from "../../../../../src/listeners/source.ts";
import { optional } from "../../../../clients/optional.ts";
import { type Queue, type Queues, startQueues, text } from "./queues.ts";

const there = await optional("SQS", startQueues);
const NEVER = new AbortController().signal;
const ERROR = { message: "no such mood: \u0001", error_type: "AlgorithmError" };

describe.skipIf(there === undefined)("dead letters of a queue of SQS", () => {
	const queues = there as Queues;
	const { between } = queues ?? {};
	const sources: Source<SqsMessage>[] = [];
	let dead: Queue;
	let queue: Queue;

	beforeEach(async () => {
		between.answer(() => undefined);
		between.seen.length = 0;
		dead = await queues.make("dead");
		queue = await queues.make("q", dead.policy());
	});
	afterAll(async () => {
		for (const source of sources) await source.close();
		await queues.close();
	});

	async function open(options: SqsOptions = queue.options) {
		const source = await openSource(options, { lost: () => {} });
		sources.push(source);
		return source;
	}

	/** The queue's messages fail, so many. */
	async function bury(count: number, source?: Source<SqsMessage>) {
		const reader = source ?? (await open());
		for (let buried = 0; buried < count; ) {
			const messages = await reader.receive(10, NEVER);
			await Promise.all(
				messages.map((message) => reader.deadLetter?.(message, 3, ERROR)),
			);
			buried += messages.length;
		}
	}

	const bodies = (messages: { Body?: string | undefined }[]) =>
		messages.map(({ Body }) => Body).sort();

	test("a queue without a redrive policy has no place for them", async () => {
		expect((await open(dead.options)).deadLetter).toBeUndefined();
	});

	test("a dead letter is the message as it was, with why it failed", async () => {
		const mood = text("glad", "String.mood");
		const bytes = { DataType: "Binary", BinaryValue: Buffer.from([0, 255]) };
		await queue.send("Ünïcode", { mood, bytes });
		await bury(1);
		const [letter] = await dead.takeAll();
		expect(letter?.Body).toBe("Ünïcode");
		expect(letter?.MessageAttributes).toEqual({
			mood,
			bytes: { ...bytes, BinaryValue: new Uint8Array([0, 255]) },
			"applyd-error": text("no such mood: \ufffd"),
			"applyd-error-type": text("AlgorithmError"),
			"applyd-attempts": text("3", "Number"),
			"applyd-queue": text(queue.arn),
		});
		expect(await queue.waiting()).toBe(0);
	});

	test("what we add has no more room than SQS leaves it", async () => {
		const full = Object.fromEntries(
			Array.from({ length: 9 }, (_, i) => [`a${i}`, text(`${i}`)]),
		);
		await queue.send("many attributes", full);
		await bury(1);
		const [letter] = await dead.takeAll();
		expect(Object.keys(letter?.MessageAttributes ?? {}).sort()).toEqual([
			...Object.keys(full),
			"applyd-error",
		]);
		const long = "x".repeat(2 ** 20 - 60);
		await queue.send(long);
		await bury(1);
		const [longLetter] = await dead.takeAll();
		expect(longLetter?.Body).toBe(long);
		expect(longLetter?.MessageAttributes).toEqual({
			"applyd-error": text("no such mood: \ufffd"),
			"applyd-attempts": text("3", "Number"),
		});
	});

	test("in a FIFO queue they keep their groups", async () => {
		dead = await queues.make("dead.fifo");
		queue = await queues.make("q.fifo", dead.policy());
		const id = await queue.send("a1", {}, "a");
		await bury(1);
		const [letter] = await dead.takeAll();
		expect(letter?.Attributes).toMatchObject({
			MessageGroupId: "a",
			MessageDeduplicationId: id,
		});
	});

	test("if we may not send them, SQS takes them once they have come too often", async () => {
		queue = await queues.make("strict", dead.policy(2));
		await queue.send("poison");
		between.answer(({ action }) =>
			action === "SendMessageBatch" ? { error: "AccessDenied" } : undefined,
		);
		const source = await open(queue.watched);
		for (let i = 0; i < 2; i++) {
			const [message] = (await source.receive(1, NEVER)) as [SqsMessage];
			await expect(source.deadLetter?.(message, 3, ERROR)).rejects.toThrow(
				`the queue ${dead.url} refuses sqs:SendMessage`,
			);
			await source.retry?.(message, 0, 3);
		}
		expect(await queue.takeAll()).toEqual([]);
		expect(bodies(await dead.takeAll())).toEqual(["poison"]);
	});

	test("the place is looked up again when it has gone", async () => {
		const source = await open();
		await queue.send("first");
		await bury(1, source);
		const other = await queues.make("other");
		await queues.sqs.deleteQueue({ QueueUrl: dead.url });
		await queues.sqs.setQueueAttributes({
			QueueUrl: queue.url,
			Attributes: other.policy(),
		});
		await queue.send("second");
		const [message] = (await source.receive(1, NEVER)) as [SqsMessage];
		await expect(source.deadLetter?.(message, 3, ERROR)).rejects.toThrow(
			`the queue ${dead.url} is not there`,
		);
		await source.deadLetter?.(message, 3, ERROR);
		expect(bodies(await other.takeAll())).toEqual(["second"]);
	});

	test("they go back as they came, whoever has put them there", async () => {
		queue = await queues.make("q", dead.policy(1));
		const mood = text("glad");
		for (let i = 0; i < 12; i++) await queue.send(`${i}`, { mood });
		await bury(12);
		await queue.send("by SQS", { mood });
		await queue.peek(0);
		expect(await queue.peek()).toEqual([]);
		expect(await dead.waiting()).toBe(13);

		const told: number[] = [];
		expect(await moveBack(queue.options, (count) => told.push(count))).toBe(13);
		expect(told.at(-1)).toBe(13);
		expect(await dead.waiting()).toBe(0);
		const back = await queue.takeAll();
		expect(bodies(back)).toEqual(
			["by SQS", ...Array.from({ length: 12 }, (_, i) => `${i}`)].sort(),
		);
		for (const { MessageAttributes } of back)
			expect(MessageAttributes).toEqual({ mood });
	});

	test("those of another queue stay", async () => {
		const other = await queues.make("other", dead.policy(1));
		await other.send("theirs, by us");
		await bury(1, await open(other.options));
		await other.send("theirs, by SQS");
		await other.peek(0);
		await other.peek();
		await queue.send("ours");
		await bury(1);
		expect(await moveBack(queue.options, () => {})).toBe(1);
		expect(bodies(await queue.takeAll())).toEqual(["ours"]);
		expect(bodies(await dead.takeAll())).toEqual([
			"theirs, by SQS",
			"theirs, by us",
		]);
	});

	test("those that fail again meanwhile stay", async () => {
		for (let i = 0; i < 25; i++) await queue.send(`${i}`);
		const source = await open();
		await bury(25, source);
		const again = bury(25, source);
		expect(await moveBack(queue.options, () => {})).toBe(25);
		await again;
		expect(await queue.waiting()).toBe(0);
		expect(await dead.takeAll()).toHaveLength(25);
	});

	test("in a FIFO queue they go back in their groups' order", async () => {
		dead = await queues.make("dead.fifo");
		queue = await queues.make("q.fifo", dead.policy());
		for (const body of ["a1", "b1", "a2"]) await queue.send(body, {}, body[0]);
		const source = await open();
		const messages = await source.receive(10, NEVER);
		for (const message of messages)
			await source.deadLetter?.(message, 3, ERROR);
		expect(await moveBack(queue.options, () => {})).toBe(3);
		const back = await queue.takeAll();
		const group = (name: string) =>
			back
				.filter(({ Attributes }) => Attributes?.MessageGroupId === name)
				.map(({ Body }) => Body);
		expect([group("a"), group("b")]).toEqual([["a1", "a2"], ["b1"]]);
	});

	test("a queue without a redrive policy has nothing to take back", async () => {
		await expect(moveBack(dead.options, () => {})).rejects.toThrow(
			`the queue ${dead.url} has no redrive policy`,
		);
	});
});
