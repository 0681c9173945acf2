import { randomUUID } from "node:crypto";
import { Connection } from "rabbitmq-client";
import { startCut } from "../brokers/cut.ts";
import { startRabbitMq } from "../brokers/rabbitmq.ts";
import type { FlowBroker } from "./flow.ts";

/** Sent before the first of them is confirmed. */
const AT_ONCE = 500;

export async function startAmqpFlows(
	kind: "classic" | "quorum",
): Promise<FlowBroker> {
	const broker = await startRabbitMq();
	const cut = await startCut(broker.port);
	const connect = () => {
		const connection = new Connection(broker.url);
		connection.on("error", () => {}); // it tries again
		return connection;
	};
	const url = new URL(broker.url);
	url.host = cut.address;
	return {
		broker,
		cut,
		async open() {
			const queue = randomUUID();
			const connection = connect();
			let sent = 0;
			await connection.queueDeclare({
				queue,
				durable: true,
				arguments: { "x-queue-type": kind },
			});
			// If RabbitMQ 3.10 is killed, a quorum queue younger than 3 s loses all, unless this is written.
			if (kind === "quorum")
				await broker.control("eval", "[dets:sync(T) || T <- dets:all()].");
			return {
				source: { type: "amqp", url: String(url), queue },
				direct: { type: "amqp", url: broker.url, queue },
				sink: { type: "amqp", url: String(url), routingKey: queue },
				async send(bodies) {
					const publisher = connection.createPublisher({ confirm: true });
					for (let at = 0; at < bodies.length; at += AT_ONCE)
						await Promise.all(
							bodies.slice(at, at + AT_ONCE).map((body, i) =>
								publisher.send(
									{
										routingKey: queue,
										durable: true,
										messageId: `${queue}-${sent + at + i}`,
									},
									Buffer.from(body),
								),
							),
						);
					await publisher.close();
					sent += bodies.length;
				},
				async left() {
					const { messageCount } = await connection.queueDeclare({
						queue,
						passive: true,
					});
					return messageCount;
				},
				async close() {
					await connection.queueDelete(queue);
					await connection.close();
				},
			};
		},
		async close() {
			await cut.close();
			await broker.close();
		},
	};
}
