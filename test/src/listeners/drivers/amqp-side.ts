import { randomUUID } from "node:crypto";
import { type Channel, Connection, type Envelope } from "rabbitmq-client";
import { keepBytes } from "../../../../src/listeners/drivers/amqp/bytes.ts";
import type { Delivery } from "../../../../src/listeners/drivers/amqp/message.ts";
import { openSource } from "../../../../src/listeners/drivers/amqp/source.ts";
import type { Message } from "../../../../src/listeners/message.ts";
import { until } from "../../../support/until.ts";

export type OtherSide = Awaited<ReturnType<typeof otherSide>>;

/** Who sends to a queue, and who reads from one. */
export async function otherSide(url: string) {
	const connection = new Connection(url);
	connection.on("error", () => {}); // it tries again
	let current: Channel | undefined;
	const channel = async () => {
		if (current?.active) return current;
		current = await connection.acquire();
		keepBytes(current);
		await current.confirmSelect();
		return current;
	};
	const get = async (queue: string) =>
		(await (await channel()).basicGet({ queue, noAck: true })) as
			| Delivery
			| undefined;
	return {
		connection,
		/** Durable. @returns its name */
		async queue(type = "classic", more: Record<string, unknown> = {}) {
			const queue = `test-${type}-${randomUUID()}`;
			await (await channel()).queueDeclare({
				queue,
				durable: true,
				arguments: { "x-queue-type": type as "classic", ...more },
			});
			return queue;
		},
		send: async (
			queue: string,
			body: string | Buffer,
			envelope: Envelope = {},
		) =>
			(await channel()).basicPublish(
				{ durable: true, ...envelope, routingKey: queue },
				Buffer.from(body),
			),
		get,
		/** Waits for it. */
		next: (queue: string) => until(`${queue} has one`, () => get(queue)),
		count: async (queue: string) =>
			(await (await channel()).queueDeclare({ queue, passive: true }))
				.messageCount,
		async close() {
			await current?.close();
			await connection.close();
		},
	};
}

/** A source with what it said was lost. */
export async function open(
	url: string,
	queue: string,
	{ prefetch }: { prefetch?: number } = {},
) {
	const losses: ((message: Message) => boolean)[] = [];
	const source = await openSource(
		{
			type: "amqp",
			url,
			queue,
			...(prefetch !== undefined && { prefetch }),
		},
		{
			name: "moods",
			takesLists: false,
			concurrency: 10,
			willRetry: true,
			lost: (isLost) => losses.push(isLost),
		},
	);
	const forever = new AbortController().signal;
	return Object.assign(source, {
		losses,
		/** So many, in the order in which they came. */
		async take(count: number) {
			const all = await source.receive(count, forever);
			while (all.length < count)
				all.push(...(await source.receive(count - all.length, forever)));
			return all;
		},
		async one() {
			const [message] = await this.take(1);
			if (message === undefined) throw new Error("there is none");
			return message;
		},
	});
}
