import {
	type Message,
	type MessageAttributeValue,
	type QueueAttributeName,
	SQS,
} from "@aws-sdk/client-sqs";
import type { HandedOn } from "../../../../../src/listeners/message.ts";
import type { SqsOptions } from "../../../../../src/listeners/options.ts";
import { startElasticMq } from "../../../../support/brokers/elasticmq.ts";
import { type Between, startBetween } from "./between.ts";

const CREDENTIALS = { accessKeyId: "any", secretAccessKey: "any" };

/** A real server, and its queues as the plain SDK sees them. */
export async function startQueues() {
	const broker = await startElasticMq();
	const between = await startBetween(broker.endpoint);
	const sqs = new SQS({
		endpoint: broker.endpoint,
		region: "us-east-1",
		credentials: CREDENTIALS,
	});
	let count = 0;
	return {
		broker,
		sqs,
		between,
		/** @param name what its name begins with, and ends with: `.fifo` */
		async make(
			name = "q",
			attributes: Partial<Record<QueueAttributeName, string>> = {},
		): Promise<Queue> {
			const [first, fifo] = name.split(".");
			const isFifo = fifo !== undefined;
			const { QueueUrl = "" } = await sqs.createQueue({
				QueueName: `${first}${++count}${isFifo ? ".fifo" : ""}`,
				Attributes: { ...attributes, ...(isFifo && { FifoQueue: "true" }) },
			});
			return new Queue(sqs, QueueUrl, between);
		},
		async close() {
			sqs.destroy();
			await between.close();
			await broker.close();
		},
	};
}

export type Queues = Awaited<ReturnType<typeof startQueues>>;

export class Queue {
	readonly url: string;
	readonly options: SqsOptions;
	/** The same, by way of `between`. */
	readonly watched: SqsOptions;
	readonly #sqs: SQS;

	constructor(sqs: SQS, url: string, between: Between) {
		this.#sqs = sqs;
		this.url = url;
		this.options = { type: "sqs", queueUrl: url, credentials: CREDENTIALS };
		this.watched = { ...this.options, endpoint: between.endpoint };
	}

	get arn(): string {
		return `arn:aws:sqs:elasticmq:000000000000:${this.url.split("/").at(-1)}`;
	}

	/** What makes this the dead-letter queue of another. */
	policy(maxReceiveCount = 1000): { RedrivePolicy: string } {
		const policy = { deadLetterTargetArn: this.arn, maxReceiveCount };
		return { RedrivePolicy: JSON.stringify(policy) };
	}

	async send(
		body: string,
		attributes: Record<string, MessageAttributeValue> = {},
		group?: string,
	): Promise<string> {
		const { MessageId = "" } = await this.#sqs.sendMessage({
			QueueUrl: this.url,
			MessageBody: body,
			MessageAttributes: attributes,
			...(group !== undefined && { MessageGroupId: group }),
			...(this.url.endsWith(".fifo") && { MessageDeduplicationId: body }),
		});
		return MessageId;
	}

	/** What there is to be had now, up to ten. */
	async peek(leaseSeconds = 30, waitSeconds = 0): Promise<Message[]> {
		const { Messages = [] } = await this.#sqs.receiveMessage({
			QueueUrl: this.url,
			MaxNumberOfMessages: 10,
			WaitTimeSeconds: waitSeconds,
			VisibilityTimeout: leaseSeconds,
			MessageAttributeNames: ["All"],
			MessageSystemAttributeNames: ["All"],
		});
		return Messages;
	}

	/** Removes what there is. */
	async takeAll(): Promise<Message[]> {
		const all: Message[] = [];
		for (;;) {
			const messages = await this.peek();
			if (messages.length === 0) return all;
			all.push(...messages);
			await this.#sqs.deleteMessageBatch({
				QueueUrl: this.url,
				Entries: messages.map(({ ReceiptHandle }, i) => ({
					Id: `${i}`,
					ReceiptHandle,
				})),
			});
		}
	}

	/** Those in flight too. */
	async waiting(): Promise<number> {
		const { Attributes = {} } = await this.#sqs.getQueueAttributes({
			QueueUrl: this.url,
			AttributeNames: ["All"],
		});
		return (
			Number(Attributes.ApproximateNumberOfMessages) +
			Number(Attributes.ApproximateNumberOfMessagesNotVisible)
		);
	}

	async lease(handle: string, seconds: number): Promise<void> {
		await this.#sqs.changeMessageVisibility({
			QueueUrl: this.url,
			ReceiptHandle: handle,
			VisibilityTimeout: seconds,
		});
	}
}

export const text = (StringValue: string, DataType = "String") => ({
	DataType,
	StringValue,
});

export const letter = (
	id: string,
	body: string,
	handedOn: Partial<HandedOn> = {},
) => ({ id, body: Buffer.from(body), handedOn: { headers: {}, ...handedOn } });
