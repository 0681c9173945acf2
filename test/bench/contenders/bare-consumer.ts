// A consumer that only acknowledges: node bare-consumer.ts MESSAGES SOURCE_JSON. Says how many messages a second it took, its start
// and the first of them left out.
import type { SourceOptions } from "../../../src/listeners/options.ts";
import { PREFETCH } from "./prefetch.ts";

const messages = Number(process.argv[2]);
const source = JSON.parse(process.argv[3] as string) as SourceOptions;
const first = messages / 20;
let taken = 0;
let startedAt = 0;

function took(count: number): void {
	taken += count;
	if (startedAt === 0 && taken >= first) {
		startedAt = performance.now();
		taken = 0;
	}
}

const isDone = () => startedAt > 0 && taken >= messages - first;

if (source.type === "sqs") {
	const { SQS } = await import("@aws-sdk/client-sqs");
	const { queueUrl: QueueUrl, endpoint = "", region = "" } = source;
	const sqs = new SQS({ endpoint, region });
	while (!isDone()) {
		const { Messages = [] } = await sqs.receiveMessage({
			QueueUrl,
			MaxNumberOfMessages: 10,
			WaitTimeSeconds: 1,
		});
		if (Messages.length === 0) continue;
		await sqs.deleteMessageBatch({
			QueueUrl,
			Entries: Messages.map(({ ReceiptHandle }, i) => ({
				Id: String(i),
				ReceiptHandle,
			})),
		});
		took(Messages.length);
	}
} else if (source.type === "amqp") {
	const { Connection } = await import("rabbitmq-client");
	const connection = new Connection(source.url);
	await new Promise<void>((resolve) => {
		const consumer = connection.createConsumer(
			{
				queue: source.queue,
				queueOptions: { passive: true },
				qos: { prefetchCount: PREFETCH },
			},
			async () => {
				took(1);
				if (isDone()) resolve();
			},
		);
		consumer.on("error", (error) => {
			throw error;
		});
	});
} else {
	const { Consumer } = await import("@platformatic/kafka");
	const consumer = new Consumer({
		clientId: "bare",
		groupId: `bare-${process.pid}`,
		bootstrapBrokers: source.brokers,
	});
	const stream = await consumer.consume({
		topics: [source.topic],
		mode: "earliest",
		autocommit: 100,
	});
	for await (const _ of stream) {
		took(1);
		if (isDone()) break;
	}
}
const seconds = (performance.now() - startedAt) / 1000;
process.stdout.write(JSON.stringify({ rate: taken / seconds }), () =>
	process.exit(),
);
