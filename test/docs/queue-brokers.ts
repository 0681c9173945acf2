import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { SQS } from "@aws-sdk/client-sqs";
import { Admin } from "@platformatic/kafka";
import { Connection } from "rabbitmq-client";
import { parse } from "yaml";
import type { Broker } from "../support/brokers/broker.ts";
import { startElasticMq } from "../support/brokers/elasticmq.ts";
import { startKafka } from "../support/brokers/kafka.ts";
import { startRabbitMq } from "../support/brokers/rabbitmq.ts";

/** A broker with what its compose file makes in it. */
export interface PreparedBroker {
	broker: Broker;
	/** What the guide writes for its address, and where it is. */
	address: [string, string];
}

const compose = async (name: string) =>
	parse(
		await readFile(
			resolve(import.meta.dirname, `../../docker/compose.${name}.yaml`),
			"utf8",
		),
	);

interface Definitions {
	queues: { name: string; durable: boolean; arguments: object }[];
}

export async function rabbitMq(): Promise<PreparedBroker> {
	const { configs } = await compose("rabbitmq");
	const { queues }: Definitions = JSON.parse(configs.definitions.content);
	const broker = await startRabbitMq();
	const connection = new Connection(broker.url);
	for (const { name, durable, arguments: args } of queues)
		await connection.queueDeclare({ queue: name, durable, arguments: args });
	await connection.close();
	return {
		broker,
		address: ["amqp://applyd:applyd@localhost:5672", broker.url],
	};
}

export async function elasticMq(): Promise<PreparedBroker> {
	const broker = await startElasticMq();
	const { endpoint } = broker;
	const region = "elasticmq";
	const sqs = new SQS({
		endpoint,
		region,
		credentials: { accessKeyId: "any", secretAccessKey: "any" },
	});
	await sqs.createQueue({ QueueName: "moods-dead" });
	const deadLetterTargetArn = `arn:aws:sqs:${region}:000000000000:moods-dead`;
	const policy = { deadLetterTargetArn, maxReceiveCount: 5 };
	await sqs.createQueue({
		QueueName: "moods",
		Attributes: { RedrivePolicy: JSON.stringify(policy) },
	});
	sqs.destroy();
	return { broker, address: ["http://localhost:9324", endpoint] };
}

export async function kafka(): Promise<PreparedBroker> {
	const broker = await startKafka();
	const { services } = await compose("kafka");
	const words: string[] = services.kafka.healthcheck.test;
	const admin = new Admin({
		clientId: "test",
		bootstrapBrokers: broker.brokers,
	});
	await admin.createTopics({
		topics: [wordOf("--topic", words)],
		partitions: Number(wordOf("--partitions", words)),
	});
	await admin.close();
	return { broker, address: ["localhost:9092", broker.brokers[0] as string] };
}

function wordOf(flag: string, words: readonly string[]): string {
	const word = words.find((one) => one.startsWith(`${flag}=`));
	if (word === undefined) throw new Error(`there is no ${flag}`);
	return word.slice(flag.length + 1);
}
