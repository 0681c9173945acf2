import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { regionOf } from "../../../../../src/listeners/drivers/sqs/client.ts";
import type { SqsMessage } from "../../../../../src/listeners/drivers/sqs/message.ts";
import { openSource } from "../../../../../src/listeners/drivers/sqs/source.ts";
import type { SqsOptions } from "../../../../../src/listeners/options.ts";
import type { Source } from "../../../../../src/listeners/source.ts";
import { optional } from "../../../../clients/optional.ts";
import { startCut } from "../../../../support/brokers/cut.ts";
import { until } from "../../../../support/until.ts";
import { type Queue, type Queues, startQueues, text } from "./queues.ts";

const there = await optional("SQS", startQueues);
const NEVER = new AbortController().signal;

describe.skipIf(there === undefined)("a queue of SQS as a source", () => {
	const queues = there as Queues;
	const { between } = queues ?? {};
	const sources: Source<SqsMessage>[] = [];
	const lost: string[] = [];
	let queue: Queue;

	beforeEach(async () => {
		queue = await queues.make();
		between.answer(() => undefined);
		between.seen.length = 0;
		lost.length = 0;
	});
	afterAll(async () => {
		for (const source of sources) await source.close();
		await queues.close();
	});

	async function open(options: SqsOptions = queue.options) {
		const inHand: SqsMessage[] = [];
		const source = await openSource(options, {
			lost: (isLost) =>
				lost.push(...inHand.filter(isLost).map(({ body }) => `${body}`)),
		});
		sources.push(source);
		return {
			source,
			/** So many, which must come. */
			async take(count: number) {
				const taken: SqsMessage[] = [];
				while (taken.length < count)
					taken.push(...(await source.receive(count - taken.length, NEVER)));
				inHand.push(...taken);
				return taken;
			},
		};
	}

	async function takeOne(body = "hello", options?: SqsOptions) {
		await queue.send(body);
		const { source, take } = await open(options);
		const [message] = await take(1);
		return { source, take, message: message as SqsMessage };
	}

	const bodies = (messages: readonly { body: Buffer }[]) =>
		messages.map(({ body }) => `${body}`);
	const actions = (action: string) =>
		between.seen.filter((passing) => passing.action === action);

	test("a message comes with all that SQS knows of it", async () => {
		const before = Date.now();
		const id = await queue.send("Ünïcode", {
			mood: text("glad", "String.mood"),
			count: text("12", "Number.int"),
			exact: text("1.0", "Number"),
			bytes: { DataType: "Binary", BinaryValue: Buffer.from([0, 255]) },
			CorrelationId: text("c-1"),
		});
		const { take } = await open();
		const [message] = await take(1);
		expect(message).toMatchObject({
			id,
			body: Buffer.from("Ünïcode"),
			group: undefined,
			isRedelivered: false,
			attempts: 0,
			handedOn: {
				headers: {
					mood: "glad",
					count: 12,
					exact: "1.0",
					bytes: Buffer.from([0, 255]),
					CorrelationId: "c-1",
				},
				correlationId: "c-1",
			},
		});
		expect(message?.sentAtMs).toBeGreaterThanOrEqual(before - 1000);
		expect(message?.sentAtMs).toBeLessThan(before + 20_000);
	});

	test("a poll waits for a message, and asks for no more than ten", async () => {
		const { source } = await open(queue.watched);
		const waiting = source.receive(100, NEVER);
		await until("it waits", () => actions("ReceiveMessage").length === 1);
		await queue.send("late");
		expect(bodies(await waiting)).toEqual(["late"]);
		expect(actions("ReceiveMessage")[0]?.input).toMatchObject({
			MaxNumberOfMessages: 10,
			WaitTimeSeconds: 5,
			VisibilityTimeout: 30,
		});
	});

	test("an abort ends a poll at once, and what SQS still gives to it goes back", async () => {
		const { source } = await open(queue.watched);
		const abort = new AbortController();
		const waiting = source.receive(10, abort.signal);
		await until("it waits", () => actions("ReceiveMessage").length === 1);
		abort.abort();
		expect(await waiting).toEqual([]);
		expect(await source.receive(10, abort.signal)).toEqual([]);
		await queue.send("later");
		const [message] = await until("it comes", async () => {
			const messages = await queue.peek();
			return messages.length > 0 && messages;
		});
		expect(message?.Body).toBe("later");
	});

	test("close waits for what SQS gives to an aborted poll, but not for a server that is silent", async () => {
		const { source } = await open(queue.watched);
		const silent = await open(queue.watched);
		const abort = new AbortController();
		const waiting = source.receive(10, abort.signal);
		await until("it waits", () => actions("ReceiveMessage").length === 1);
		between.answer(() => new Promise(() => {}));
		const inVain = silent.source.receive(10, abort.signal);
		await until("both wait", () => actions("ReceiveMessage").length === 2);
		between.answer(() => undefined);
		abort.abort();
		const closing = source.close();
		await queue.send("later");
		await closing;
		expect(await waiting).toEqual([]);
		expect((await queue.takeAll()).map(({ Body }) => Body)).toEqual(["later"]);
		await silent.source.close();
		expect(await inVain).toEqual([]);
	});

	test("a message is ours for its lease, whatever the queue's own timeout", async () => {
		queue = await queues.make("short", { VisibilityTimeout: "0" });
		await takeOne();
		expect(await queue.peek()).toEqual([]);
	});

	test("extend keeps all messages, and tells which are lost", async () => {
		for (let i = 0; i < 12; i++) await queue.send(`${i}`);
		const { source, take } = await open(queue.watched);
		const messages = await take(12);
		const [theirs, done, ...rest] = messages as [SqsMessage, SqsMessage];
		await queue.lease(theirs.handle, 0);
		expect(bodies(messages)).toContain((await queue.peek())[0]?.Body);
		await source.ack(done);
		for (const { handle } of rest as SqsMessage[]) await queue.lease(handle, 2);
		await source.extend?.(messages);
		expect(actions("ChangeMessageVisibilityBatch").length).toBe(2);
		expect(lost).toEqual([`${theirs.body}`]);
		expect(await queue.peek(30, 4)).toEqual([]);
	});

	test("extend rejects if nobody answers", async () => {
		const { source, message } = await takeOne("hello", queue.watched);
		between.answer(() => ({ error: "AccessDenied" }));
		await expect(source.extend?.([message])).rejects.toThrow(
			"refuses sqs:ChangeMessageVisibility",
		);
		expect(lost).toEqual([]);
	});

	test("acks at nearly the same time share requests of ten", async () => {
		for (let i = 0; i < 13; i++) await queue.send(`${i}`);
		const { source, take } = await open(queue.watched);
		await Promise.all((await take(13)).map((message) => source.ack(message)));
		const sizes = actions("DeleteMessageBatch").map(
			({ input }) => input.Entries?.length,
		);
		expect(sizes).toEqual([10, 3]);
		await source.close();
		expect(await queue.peek()).toEqual([]);
		expect(await queue.waiting()).toBe(0);
	});

	test("an ack that is refused rejects alone", async () => {
		for (const body of ["a", "b", "c"]) await queue.send(body);
		const { source, take } = await open();
		const [a, b, c] = (await take(3)) as [SqsMessage, SqsMessage, SqsMessage];
		await queue.lease(b.handle, 0);
		const [theirs] = await queue.peek();
		const acks = [a, b, c].map((message) => source.ack(message));
		const outcomes = await Promise.allSettled(acks);
		expect(outcomes.map(({ status }) => status)).toEqual([
			"fulfilled",
			"rejected",
			"fulfilled",
		]);
		await expect(acks[1]).rejects.toThrow("ReceiptHandleIsInvalid");
		await queue.lease(theirs?.ReceiptHandle ?? "", 0);
		expect(await queue.takeAll()).toMatchObject([{ Body: `${b.body}` }]);
	});

	test("a retry gives the message back, to be given again after its delay", async () => {
		const { source, message, take } = await takeOne();
		expect(message.isRedelivered).toBe(false);
		await source.retry?.(message, 0, 1);
		const [again] = (await take(1)) as [SqsMessage];
		expect(again).toMatchObject({
			id: message.id,
			isRedelivered: true,
			attempts: 0,
		});
		await source.retry?.(again, 900, 2);
		expect(await queue.peek()).toEqual([]);
		expect(await take(1)).toMatchObject([{ id: message.id }]);
	});

	test("no delay is longer than SQS allows", async () => {
		const { source, message } = await takeOne("hello", queue.watched);
		await source.retry?.(message, 1e9, 1);
		const [{ input }] = actions("ChangeMessageVisibilityBatch") as [never];
		const [{ VisibilityTimeout }] = (input as { Entries: [never] }).Entries;
		expect(VisibilityTimeout).toBeLessThan(43_200);
		expect(VisibilityTimeout).toBeGreaterThan(43_200 - 60);
	});

	test("close gives back what is not settled, and nothing else", async () => {
		for (let i = 0; i < 12; i++) await queue.send(`${i}`);
		const { source, take } = await open();
		const [done, later, theirs, ...rest] = await take(12);
		await source.ack(done as SqsMessage);
		await source.retry?.(later as SqsMessage, 60_000, 1);
		await queue.lease((theirs as SqsMessage).handle, 0);
		await queue.peek();
		await source.close();
		const back = await queue.takeAll();
		expect(back.map(({ Body }) => Body).sort()).toEqual(bodies(rest).sort());
	});

	test("the lag is how many wait", async () => {
		const { source } = await open();
		expect(await source.lag()).toBe(0);
		for (const body of ["a", "b", "c"]) await queue.send(body);
		expect(await source.lag()).toBe(3);
	});

	test("a FIFO queue's messages come in the order of their groups, and so again after a close", async () => {
		queue = await queues.make("f.fifo");
		for (const body of ["a1", "b1", "a2", "a3", "b2"])
			await queue.send(body, {}, body[0]);
		const groups = (messages: SqsMessage[]) =>
			["a", "b"].map((name) =>
				bodies(messages.filter(({ group }) => group === name)),
			);
		const first = await open();
		const messages = await first.take(5);
		expect(groups(messages)).toEqual([
			["a1", "a2", "a3"],
			["b1", "b2"],
		]);
		expect(messages[0]?.handedOn.groupId).toBe(messages[0]?.group);
		await first.source.ack(messages[0] as SqsMessage);
		await first.source.close();
		const second = await open();
		expect(groups(await second.take(4))).toEqual(
			messages[0]?.group === "a"
				? [
						["a2", "a3"],
						["b1", "b2"],
					]
				: [["a1", "a2", "a3"], ["b2"]],
		);
	});

	test("a group outside of a FIFO queue is handed on, and means no order", async () => {
		await queue.send("hello", {}, "tenant");
		const { take } = await open();
		const [message] = await take(1);
		expect(message?.group).toBeUndefined();
		expect(message?.handedOn.groupId).toBe("tenant");
	});

	test("a queue's region is in its address, else it is told", async () => {
		const regions = [
			"https://sqs.eu-west-1.amazonaws.com/123456789012/moods",
			"https://us-gov-west-1.queue.amazonaws.com/123456789012/moods",
			"https://vpce-1a2b-3c4d.sqs.ap-southeast-2.vpce.amazonaws.com/1/moods",
			"https://sqs.cn-north-1.amazonaws.com.cn/123456789012/moods",
			"https://sqs.eu-west-1.example.com/123456789012/moods",
			"http://127.0.0.1:9324/000000000000/moods",
		].map(regionOf);
		expect(regions).toEqual([
			"eu-west-1",
			"us-gov-west-1",
			"ap-southeast-2",
			"cn-north-1",
			undefined,
			undefined,
		]);
		await open({ ...queue.watched, region: "eu-north-1" });
		expect(between.seen[0]?.region).toBe("eu-north-1");
	});

	test.each<[string, (options: SqsOptions) => SqsOptions, string]>([
		[
			"is not there",
			(options) => ({ ...options, queueUrl: `${options.queueUrl}-not` }),
			"-not is not there; make it, or correct",
		],
		[
			"is nowhere",
			(options) => ({ ...options, endpoint: "http://127.0.0.1:1" }),
			"cannot be reached at http://127.0.0.1:1 (connect ECONNREFUSED",
		],
		[
			"has no address",
			({ endpoint, ...options }) => ({ ...options, queueUrl: "moods" }),
			'"queueUrl" is "moods", which is not a URL',
		],
	])(
		"a queue that %s cannot be opened, and the error says what to do",
		async (_, change, error) => {
			await expect(open(change(queue.watched))).rejects.toThrow(error);
		},
	);

	test("a queue that refuses is named, with what it refuses", async () => {
		between.answer(() => ({ error: "AccessDenied" }));
		await expect(open(queue.watched)).rejects.toThrow(
			`the queue ${queue.url} refuses sqs:GetQueueAttributes (as AWS says it); allow it`,
		);
	});

	test("a connection that is reset during a poll is made again", async () => {
		const cut = await startCut(Number(new URL(between.endpoint).port));
		const endpoint = `http://${cut.address}`;
		const { source } = await open({ ...queue.options, endpoint });
		between.answer(() => new Promise(() => {}));
		const waiting = source.receive(10, NEVER);
		await until("it waits", () => actions("ReceiveMessage").length === 1);
		between.answer(() => undefined);
		await queue.send("after");
		cut.cut();
		expect(bodies(await waiting)).toEqual(["after"]);
		await source.close();
		await cut.close();
	});

	test("after the server was gone, receive goes on where it was", async () => {
		const { source, message, take } = await takeOne("before");
		await queues.broker.kill();
		await expect(source.receive(10, NEVER)).rejects.toThrow(
			`the queue ${queue.url} cannot be reached at `,
		);
		await expect(source.ack(message)).rejects.toThrow("cannot be reached");
		await queues.broker.restart();
		await queue.send("after");
		expect(bodies(await take(1))).toEqual(["after"]);
		await source.ack(message);
		await source.close();
		expect((await queue.takeAll()).map(({ Body }) => Body)).toEqual(["after"]);
	}, 60_000);
});
