import { randomUUID } from "node:crypto";
import {
	afterAll,
	beforeAll,
	beforeEach,
	describe,
	expect,
	test,
} from "vitest";
import { openSink } from "../../../../src/listeners/drivers/amqp/sink.ts";
import type { Letter } from "../../../../src/listeners/letter.ts";
import { type Sink, Undeliverable } from "../../../../src/listeners/sink.ts";
import { optional } from "../../../clients/optional.ts";
import { type Cut, startCut } from "../../../support/brokers/cut.ts";
import {
	type RabbitMq,
	startRabbitMq,
} from "../../../support/brokers/rabbitmq.ts";
import { type OtherSide, open, otherSide } from "./amqp-side.ts";

const there = await optional("RabbitMQ", startRabbitMq);

describe.skipIf(there === undefined)("AMQP as a sink", () => {
	const broker = there as RabbitMq;
	let side: OtherSide;
	let way: Cut;
	beforeAll(async () => {
		side = await otherSide(broker.url);
		way = await startCut(broker.port);
	}, 120_000);
	afterAll(async () => {
		await way?.close();
		await side?.close();
		await broker?.close();
	});

	let queue: string;
	beforeEach(async () => {
		queue = await side.queue();
	});

	const letter = (more: Partial<Letter> = {}): Letter => ({
		id: randomUUID(),
		body: Buffer.from('{"result":1.0}'),
		handedOn: { headers: {} },
		...more,
	});

	async function withSink<T>(
		use: (sink: Sink) => Promise<T>,
		target: { exchange?: string; routingKey?: string; url?: string } = {},
	): Promise<T> {
		const sink = await openSink({
			type: "amqp",
			url: broker.url,
			routingKey: queue,
			...target,
		});
		try {
			return await use(sink);
		} finally {
			await sink.close();
		}
	}

	/** Over the proxy. */
	const url = () => `amqp://guest:guest@${way.address}`;

	test("stores letters, with what is handed on", async () => {
		const headers = { tenant: "ada", n: 7, deep: { list: [true, "b"] } };
		const sent = letter({
			id: "m-1",
			handedOn: {
				headers: {
					...headers,
					bytes: Buffer.from("é"),
					raw: Buffer.from([0xff, 0]),
				},
				correlationId: "c-1",
			},
		});
		await withSink((sink) => sink.put(sent));
		const got = await side.next(queue);
		expect(got).toMatchObject({
			mediaType: "application/json",
			deliveryMode: 2,
			messageId: "m-1",
			correlationId: "c-1",
			headers: { ...headers, bytes: "é", raw: "/wA=" },
		});
		expect(got.body).toEqual(sent.body);
	});

	test("sends to an exchange with its routing key", async () => {
		const exchange = `results-${randomUUID()}`;
		await side.connection.exchangeDeclare({ exchange, type: "topic" });
		const routingKey = "moods.done";
		await side.connection.queueBind({ exchange, queue, routingKey: "moods.*" });
		await withSink((sink) => sink.put(letter()), { exchange, routingKey });
		expect(await side.next(queue)).toMatchObject({ exchange, routingKey });
	});

	test("takes many letters at once, and stores those still on their way when it is closed", async () => {
		const letters = Array.from({ length: 2000 }, (_, i) =>
			letter({ id: `${i}`, body: Buffer.from(`{"n":${i}}`) }),
		);
		let puts: Promise<void>[] = [];
		await withSink(async (sink) => {
			puts = letters.map((one) => sink.put(one));
			await puts[0];
		});
		await Promise.all(puts);
		expect(await side.count(queue)).toBe(2000);
	});

	describe("a message that asks for an answer", () => {
		test("goes to its queue when it is sent once more, and still says who asks", async () => {
			await withSink((sink) =>
				sink.put(
					letter({
						isResent: true,
						handedOn: { headers: {}, replyTo: "somebody", correlationId: "7" },
					}),
				),
			);
			expect(await side.next(queue)).toMatchObject({
				replyTo: "somebody",
				correlationId: "7",
			});
		});

		const replyTo = (replyTo: string, correlationId = "c-1"): Letter =>
			letter({ handedOn: { headers: {}, replyTo, correlationId } });

		test("gets it in its reply queue, and nobody else does", async () => {
			const answers = await side.queue();
			await withSink((sink) => sink.put(replyTo(answers)));
			expect(await side.next(answers)).toMatchObject({ correlationId: "c-1" });
			expect(await side.count(queue)).toBe(0);
		});

		test("gets it by direct reply-to", async () => {
			const client = side.connection.createRPCClient();
			const answering = client.send(queue, { text: "I am glad" });
			const source = await open(broker.url, queue);
			const message = await source.one();
			expect(`${message.body}`).toBe('{"text":"I am glad"}');
			await withSink((sink) =>
				sink.put(letter({ ...message, body: Buffer.from('{"result":3}') })),
			);
			await source.ack(message);
			expect((await answering).body).toEqual({ result: 3 });
			await source.close();
			await client.close();
		});

		test("is no longer waited for: its answer is dropped", async () => {
			await withSink((sink) => sink.put(replyTo("gone")));
		});
	});

	describe("what is not taken now may be taken later:", () => {
		const isForLater = async (put: Promise<void>, message: RegExp) => {
			const error: Error = await put.then(
				() => expect.unreachable(),
				(error) => error,
			);
			expect(error).not.toBeInstanceOf(Undeliverable);
			expect(error.message).toMatch(message);
			expect(error.message).not.toContain("guest");
		};

		test("where no queue takes it", async () => {
			const routingKey = `late-${randomUUID()}`;
			await withSink(
				async (sink) => {
					const message = new RegExp(
						`no queue takes what is sent to queue "${routingKey}" of 127.0.0.1`,
					);
					const one = letter();
					await Promise.all([
						isForLater(sink.put(one), message),
						isForLater(sink.put(one), message),
					]);
					await side.connection.queueDeclare(routingKey);
					await sink.put(one);
					expect(await side.count(routingKey)).toBe(1);
				},
				{ routingKey },
			);
		});

		test("where there is no such exchange", async () => {
			const exchange = `late-${randomUUID()}`;
			await withSink(
				async (sink) => {
					const message = new RegExp(
						`cannot send to exchange "${exchange}" with routing key "${queue}" of 127.* NOT_FOUND .*; make it`,
					);
					const puts = [letter(), letter(), letter()].map((one) =>
						isForLater(sink.put(one), message),
					);
					await Promise.all(puts);
					await side.connection.exchangeDeclare({ exchange });
					await side.connection.queueBind({
						exchange,
						queue,
						routingKey: queue,
					});
					await sink.put(letter());
					expect(await side.count(queue)).toBe(1);
				},
				{ exchange },
			);
		});

		test("where the queue is full", async () => {
			const full = await side.queue("classic", {
				"x-max-length": 1,
				"x-overflow": "reject-publish",
			});
			await withSink(
				async (sink) => {
					await sink.put(letter());
					await isForLater(sink.put(letter()), /rejected by server/);
					await side.next(full);
					await sink.put(letter());
				},
				{ routingKey: full },
			);
		});

		test.each(["reset", "frozen"])(
			"where the connection is %s",
			async (how) => {
				await withSink(
					async (sink) => {
						await sink.put(letter());
						if (how === "frozen") way.freeze();
						const put = sink.put(letter());
						if (how === "reset") way.cut();
						await isForLater(put, /cannot send to queue .* was lost: /);
						way.thaw();
						await sink.put(letter());
					},
					{ url: url() },
				);
			},
		);

		test("where the broker is down", { timeout: 60_000 }, async () => {
			await withSink(async (sink) => {
				await sink.put(letter());
				await broker.kill();
				await isForLater(sink.put(letter()), /ECONN/);
				await isForLater(sink.put(letter()), /ECONNREFUSED/);
				await broker.restart();
				await sink.put(letter());
				expect(await side.count(queue)).toBeGreaterThanOrEqual(2);
			});
		});

		test("where the broker is short of memory; what was read is acknowledged all the same", {
			timeout: 60_000,
		}, async () => {
			await side.send(queue, "body", { messageId: "first" });
			const source = await open(broker.url, queue);
			const message = await source.one();
			await withSink(async (sink) => {
				await broker.control("set_vm_memory_high_watermark", "0.0000001");
				await isForLater(
					sink.put(letter()),
					/takes no messages: low on memory/,
				);
				await source.ack(message);
				await source.close();
				await broker.control("set_vm_memory_high_watermark", "0.9");
				await sink.put(letter({ id: "last" }));
				const ids = new Set<string | undefined>();
				while (!ids.has("last")) ids.add((await side.next(queue)).messageId);
				expect(ids).not.toContain(message.id);
			});
		});
	});

	describe("what is never taken is undeliverable, and its neighbours are not:", () => {
		test("a letter larger than the broker takes", async () => {
			await broker.control(
				"eval",
				"application:set_env(rabbit, max_message_size, 100000).",
			);
			const large = letter({ body: Buffer.alloc(100_001, "1") });
			await withSink(async (sink) => {
				const [first, poison, last] = await Promise.allSettled(
					[letter(), large, letter()].map((one) => sink.put(one)),
				);
				expect(poison).toMatchObject({
					reason: expect.any(Undeliverable),
				});
				expect(String((poison as PromiseRejectedResult).reason)).toMatch(
					/message size 100001 is larger than configured max size 100000/,
				);
				for (const neighbour of [first, last])
					if (neighbour?.status === "rejected")
						expect(neighbour.reason).not.toBeInstanceOf(Undeliverable);
				await sink.put(letter());
			});
		});

		test("a letter whose headers fit into no frame", async () => {
			const headers = { trace: "x".repeat(10_000) };
			await withSink(async (sink) => {
				await expect(
					sink.put(letter({ handedOn: { headers } })),
				).rejects.toBeInstanceOf(Undeliverable);
				await sink.put(letter());
			});
		});
	});

	test("a sink that cannot be opened says where and why, and never the password", async () => {
		const opening = openSink({
			type: "amqp",
			url: `amqp://guest:secret@${way.address}`,
			routingKey: queue,
		});
		const error: Error = await opening.then(
			() => expect.unreachable(),
			(error) => error,
		);
		expect(error.message).toMatch(/^cannot connect to 127.* ACCESS_REFUSED/);
		expect(error.message).not.toContain("secret");
	});
});
