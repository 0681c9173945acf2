import { randomUUID } from "node:crypto";
import {
	CreateQueueCommand,
	DeleteQueueCommand,
	GetQueueAttributesCommand,
	SendMessageBatchCommand,
	SQSClient,
} from "@aws-sdk/client-sqs";
import { startCut } from "../brokers/cut.ts";
import { startElasticMq } from "../brokers/elasticmq.ts";
import type { FlowBroker } from "./flow.ts";

const REGION = "elasticmq";
/** In one request. */
const MAX_BATCH = 10;
const COUNTS = [
	"ApproximateNumberOfMessages",
	"ApproximateNumberOfMessagesNotVisible",
	"ApproximateNumberOfMessagesDelayed",
] as const;

export async function startSqsFlows(): Promise<FlowBroker> {
	const broker = await startElasticMq();
	const { endpoint } = broker;
	const cut = await startCut(Number(new URL(endpoint).port));
	const client = new SQSClient({
		endpoint,
		region: REGION,
		credentials: { accessKeyId: "x", secretAccessKey: "x" },
	});
	return {
		broker,
		cut,
		async open() {
			const { QueueUrl = "" } = await client.send(
				new CreateQueueCommand({ QueueName: randomUUID() }),
			);
			const { pathname } = new URL(QueueUrl);
			const source = {
				type: "sqs" as const,
				queueUrl: `http://${cut.address}${pathname}`,
				region: REGION,
				endpoint: `http://${cut.address}`,
			};
			return {
				source,
				direct: { ...source, queueUrl: endpoint + pathname, endpoint },
				sink: source,
				async send(bodies) {
					for (let at = 0; at < bodies.length; at += MAX_BATCH)
						await client.send(
							new SendMessageBatchCommand({
								QueueUrl,
								Entries: bodies.slice(at, at + MAX_BATCH).map((body, i) => ({
									Id: String(i),
									MessageBody: String(body),
								})),
							}),
						);
				},
				async left() {
					const { Attributes = {} } = await client.send(
						new GetQueueAttributesCommand({
							QueueUrl,
							AttributeNames: [...COUNTS],
						}),
					);
					return COUNTS.reduce(
						(sum, name) => sum + Number(Attributes[name]),
						0,
					);
				},
				async close() {
					await client.send(new DeleteQueueCommand({ QueueUrl }));
				},
			};
		},
		async close() {
			client.destroy();
			await cut.close();
			await broker.close();
		},
	};
}
