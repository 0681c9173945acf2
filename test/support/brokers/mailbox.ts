import {
	CreateQueueCommand,
	DeleteMessageCommand,
	ReceiveMessageCommand,
	SendMessageCommand,
	SQSClient,
} from "@aws-sdk/client-sqs";
import {
	Admin,
	type BaseOptions,
	Consumer,
	Producer,
	stringDeserializers,
	stringSerializers,
} from "@platformatic/kafka";
import { Connection } from "rabbitmq-client";

/** One queue of a broker, as its client library sees it; each step with a connection of its own. */
export interface Mailbox {
	make(): Promise<unknown>;
	send(text: string): Promise<unknown>;
	/** Waits for a message, and tells the broker that it is done with. */
	receive(): Promise<string | undefined>;
}

export function sqsMailbox(endpoint: string): Mailbox {
	const QueueUrl = `${endpoint}/000000000000/mail`;
	const client = new SQSClient({
		endpoint,
		region: "elasticmq",
		credentials: { accessKeyId: "any", secretAccessKey: "any" },
	});
	return {
		make: () => client.send(new CreateQueueCommand({ QueueName: "mail" })),
		send: (MessageBody) =>
			client.send(new SendMessageCommand({ QueueUrl, MessageBody })),
		async receive() {
			const { Messages: [message] = [] } = await client.send(
				new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }),
			);
			const ReceiptHandle = message?.ReceiptHandle;
			await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
			return message?.Body;
		},
	};
}

export function rabbitMqMailbox(url: string): Mailbox {
	const queue = "mail";
	async function connected<T>(use: (connection: Connection) => Promise<T>) {
		const connection = new Connection(url);
		connection.on("error", () => {}); // it tries again
		try {
			return await use(connection);
		} finally {
			await connection.close();
		}
	}
	return {
		make: () =>
			connected((connection) =>
				connection.queueDeclare({ queue, durable: true }),
			),
		send: (text) =>
			connected(async (connection) => {
				const publisher = connection.createPublisher({ confirm: true });
				await publisher.send({ routingKey: queue, durable: true }, text);
				await publisher.close();
			}),
		receive: () =>
			connected(async (connection) => {
				const message = await connection.basicGet({ queue, noAck: true });
				return message?.body;
			}),
	};
}

/** @param options how it is reached */
export function kafkaMailbox(options: Omit<BaseOptions, "clientId">): Mailbox {
	const topic = "mail";
	const base = { ...options, clientId: "test" };
	return {
		async make() {
			const admin = new Admin(base);
			await admin.createTopics({ topics: [topic], partitions: 1 });
			await admin.close();
		},
		async send(value) {
			const serializers = stringSerializers;
			const producer = new Producer({ ...base, serializers });
			await producer.send({ messages: [{ topic, value }], acks: -1 });
			await producer.close();
		},
		async receive() {
			const consumer = new Consumer({
				...base,
				groupId: "test",
				deserializers: stringDeserializers,
			});
			const stream = await consumer.consume({
				topics: [topic],
				mode: "committed",
				fallbackMode: "earliest",
				autocommit: false,
			});
			try {
				for await (const message of stream) {
					await message.commit();
					return message.value;
				}
			} finally {
				await consumer.close(true);
			}
		},
	};
}
