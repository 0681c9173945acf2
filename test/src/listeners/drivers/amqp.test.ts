import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSink } from "../../../../src/listeners/drivers/amqp/sink.ts";
import { optional } from "../../../clients/optional.ts";
import {
	type RabbitMq,
	startRabbitMq,
} from "../../../support/brokers/rabbitmq.ts";
import { until } from "../../../support/until.ts";
import { type OtherSide, open, otherSide } from "./amqp-side.ts";

const there = await optional("RabbitMQ", startRabbitMq);

describe.skipIf(there === undefined)("AMQP as a source", () => {
	const broker = there as RabbitMq;
	let side: OtherSide;
	beforeAll(async () => {
		side = await otherSide(broker.url);
	}, 120_000);
	afterAll(async () => {
		await side?.close();
		await broker?.close();
	});

	const ERROR = { message: "no", error_type: "AlgorithmError" };
	const ALL = {
		contentType: "text/plain",
		contentEncoding: "identity",
		priority: 3,
		correlationId: "c-1",
		replyTo: "answers",
		messageId: "m-1",
		timestamp: 1_700_000_000,
		type: "mood",
		appId: "forum",
		headers: { tenant: "ada", tries: 7, nested: { deep: [1, "two", true] } },
	};

	describe.each(["classic", "quorum"])("a %s queue", (type) => {
		test("gives messages as they arrived, with what is handed on", async () => {
			const queue = await side.queue(type);
			const bodies = ['{"a":1.0,"b":1152921504606846977}', "\xff\x00", ""];
			await side.send(queue, bodies[0] as string, {
				...ALL,
				contentType: "application/json",
				headers: {
					...ALL.headers,
					"x-applyd-attempts": 2,
					"x-death": [{ count: 1 }],
					"x-first-death-queue": "q",
					"x-last-death-reason": "expired",
					"x-delivery-count": 0,
				},
			});
			await side.send(queue, Buffer.from(bodies[1] as string, "latin1"), {
				contentType: "text/plain",
			});
			await side.send(queue, "");
			const source = await open(broker.url, queue);
			const messages = await source.take(3);
			expect(messages.map(({ body }) => body.toString("latin1"))).toEqual(
				bodies,
			);
			expect(messages[0]).toMatchObject({
				id: "m-1",
				isRedelivered: false,
				attempts: 2,
				sentAtMs: 1_700_000_000_000,
				handedOn: {
					headers: ALL.headers,
					correlationId: "c-1",
					replyTo: "answers",
				},
			});
			expect(messages[0]?.handedOn.headers).toEqual(ALL.headers);
			expect(messages[0]).not.toHaveProperty("group");
			const ids = messages.map(({ id }) => id);
			expect(new Set(ids).size).toBe(3);
			expect(ids[1]).toMatch(/^[0-9a-f-]{36}$/);
			await source.close();
		});

		test("forgets what is acknowledged, in whatever order, and gives the rest again at once when it is closed", async () => {
			const queue = await side.queue(type);
			for (let i = 0; i < 10; i++) await side.send(queue, `${i}`);
			const source = await open(broker.url, queue);
			const messages = await source.take(10);
			const order = [7, 0, 1, 4, 3, 9];
			await Promise.all(
				order.slice(0, 3).map((i) => source.ack(messages[i] as never)),
			);
			for (const i of order.slice(3)) await source.ack(messages[i] as never);
			await source.close();
			const other = await open(broker.url, queue);
			const rest = await other.take(4);
			expect(rest.map(({ body }) => `${body}`).sort()).toEqual([
				"2",
				"5",
				"6",
				"8",
			]);
			expect(rest.every(({ isRedelivered }) => isRedelivered)).toBe(true);
			await Promise.all(rest.map((message) => other.ack(message)));
			await other.close();
			expect(await side.count(queue)).toBe(0);
		});

		test("acknowledges none that was not, when one between went back and another is dead", async () => {
			const queue = await side.queue(type);
			for (let i = 0; i < 6; i++) await side.send(queue, `${i}`);
			const source = await open(broker.url, queue, { prefetch: 6 });
			const messages = await source.take(6);
			const [m0, m1, m2, m3] = messages as [never, never, never, never];
			await source.deadLetter?.(m3, 1, ERROR);
			await Promise.all([source.ack(m2), source.ack(m0), source.ack(m1)]);
			await source.close();
			expect(
				await until("two are back", async () => {
					const count = await side.count(queue);
					return count === 2 && count;
				}),
			).toBe(2);
		});

		test("sends ahead as much as the prefetch says, and never gives more than asked for", async () => {
			const queue = await side.queue(type);
			for (let i = 0; i < 12; i++) await side.send(queue, `${i}`);
			const source = await open(broker.url, queue, { prefetch: 5 });
			expect(source.maxReceive).toBe(5);
			await until("five are sent", async () => (await side.count(queue)) === 7);
			expect(await source.take(3)).toHaveLength(3);
			expect(await source.take(2)).toHaveLength(2);
			const none = new AbortController();
			const receiving = source.receive(5, none.signal);
			none.abort();
			expect(await receiving).toEqual([]);
			await source.close();
		});

		test("has a message back near its front where nothing has changed", async () => {
			const queue = await side.queue(type);
			for (const text of ["first", "second", "third"])
				await side.send(queue, text);
			const source = await open(broker.url, queue, { prefetch: 1 });
			const first = await source.one();
			await source.retry?.(first, 0, 0);
			const again = await until("it is there again", async () => {
				const message = await source.one();
				if (`${message.body}` === "first") return message;
				await source.ack(message);
				return undefined;
			});
			expect(again.isRedelivered).toBe(true);
			expect(again.attempts).toBe(0);
			await source.close();
		});

		test.each([0, 400])(
			"gives a failed message again after %i ms, wherever, with all that it was",
			async (delayMs) => {
				const queue = await side.queue(type);
				await side.send(queue, "body", {
					...ALL,
					headers: { ...ALL.headers, CC: [], "x-death": [{ count: 1 }] },
					expiration: "600000",
				});
				const source = await open(broker.url, queue);
				const message = await source.one();
				const start = performance.now();
				await source.retry?.(message, delayMs, 1);
				const again = await source.one();
				expect(performance.now() - start).toBeGreaterThanOrEqual(delayMs);
				expect(again).toMatchObject({
					id: "m-1",
					attempts: 1,
					isRedelivered: false,
					handedOn: message.handedOn,
				});
				const { contentType, ...rest } = ALL;
				expect(again.delivery).toMatchObject({
					...rest,
					mediaType: contentType,
					deliveryMode: 2,
				});
				expect(again.delivery.headers).toHaveProperty("x-applyd-attempts", 1);
				await source.retry?.(again, delayMs, 2);
				await source.close();
				const other = await open(broker.url, queue);
				expect(await other.one()).toMatchObject({ attempts: 2 });
				await other.close();
				await until(
					"nothing else",
					async () => (await side.count(queue)) === 1,
				);
			},
		);

		test("gives a message that waited again to whoever is there when its time comes", async () => {
			const queue = await side.queue(type);
			const source = await open(broker.url, queue);
			await side.send(queue, "body");
			const message = await source.one();
			const other = await open(broker.url, queue);
			await source.retry?.(message, 1000, 1);
			await source.close();
			expect(await other.one()).toMatchObject({ id: message.id, attempts: 1 });
			await other.close();
		});

		test("keeps the id that was made for a message over its attempts", async () => {
			const queue = await side.queue(type);
			await side.send(queue, "body");
			const source = await open(broker.url, queue);
			const message = await source.one();
			await source.retry?.(message, 100, 1);
			const again = await source.one();
			expect(again.id).toBe(message.id);
			expect(again.sentAtMs).toBe(message.sentAtMs);
			await source.close();
		});

		test("hands a dead message to its dead-letter exchange, from where it is sent again as it was", async () => {
			const dead = await side.queue(type);
			const queue = await side.queue(type, {
				"x-dead-letter-exchange": "",
				"x-dead-letter-routing-key": dead,
			});
			await side.send(queue, "body", ALL);
			const source = await open(broker.url, queue);
			await source.deadLetter?.(await source.one(), 1, ERROR);
			const morgue = await open(broker.url, dead);
			const original = await morgue.one();
			expect(original.delivery.headers).toHaveProperty("x-death");
			const sink = await openSink({
				type: "amqp",
				url: broker.url,
				routingKey: queue,
			});
			const { id, body, handedOn } = original;
			await sink.put({ id, body, handedOn, original });
			await morgue.ack(original);
			const { delivery } = await source.one();
			const { contentType, ...rest } = ALL;
			expect(delivery).toMatchObject({ ...rest, mediaType: contentType, body });
			expect(delivery.headers).toEqual(ALL.headers);
			for (const one of [source, morgue, sink]) await one.close();
			expect(await side.count(dead)).toBe(0);
		});

		test("says how many messages wait", async () => {
			const queue = await side.queue(type);
			for (let i = 0; i < 9; i++) await side.send(queue, `${i}`);
			const source = await open(broker.url, queue, { prefetch: 2 });
			const [message] = await source.take(1);
			expect(await source.lag()).toBe(8);
			await source.retry?.(message as never, 60_000, 1);
			await until("it waits, too", async () => (await source.lag()) === 9);
			await source.close();
		});

		test("that is deleted is what the receiver hears, then that it is not there", async () => {
			const queue = await side.queue(type);
			await side.send(queue, "body");
			const source = await open(broker.url, queue, { prefetch: 1 });
			const message = await source.one();
			const receiving = source.one();
			const failed = expect(receiving).rejects.toThrow(/was it deleted\?/);
			await side.connection.queueDelete(queue);
			await failed;
			expect(source.losses.map((isLost) => isLost(message))).toEqual([true]);
			await expect(source.one()).rejects.toThrow(/NOT_FOUND .*; make it/);
			await source.close();
		});
	});
});
