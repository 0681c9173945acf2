import type { Message as Received } from "@aws-sdk/client-sqs";
import type { Message } from "../../message.ts";
import { type Attributes, handedOnFrom } from "./attributes.ts";

export interface SqsMessage extends Message {
	/** What SQS knows it by, until it is given again. */
	readonly handle: string;
	readonly attributes: Attributes;
	readonly receivedAtMs: number;
}

export function messageFrom(
	{ MessageId, Body, ReceiptHandle, Attributes, MessageAttributes }: Received,
	isFifo: boolean,
): SqsMessage {
	const groupId = Attributes?.MessageGroupId;
	const attributes = MessageAttributes ?? {};
	const sentAt = Attributes?.SentTimestamp;
	return {
		id: MessageId ?? "",
		body: Buffer.from(Body ?? ""),
		// In other queues a group has its fair share, but no order.
		group: isFifo ? groupId : undefined,
		isRedelivered: Number(Attributes?.ApproximateReceiveCount) > 1,
		// What SQS counts is how often it gave a message: to a server that was too busy, too.
		attempts: 0,
		sentAtMs: sentAt === undefined ? undefined : Number(sentAt),
		handedOn: handedOnFrom(attributes, groupId),
		handle: ReceiptHandle ?? "",
		attributes,
		receivedAtMs: Date.now(),
	};
}
