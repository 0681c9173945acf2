import type {
	MessageSystemAttributeName,
	Message as Received,
	SQS,
} from "@aws-sdk/client-sqs";
import { POLL_TIMEOUT_MS } from "./client.ts";

const SYSTEM_ATTRIBUTES: MessageSystemAttributeName[] = [
	"ApproximateReceiveCount",
	"DeadLetterQueueSourceArn",
	"MessageGroupId",
	"SentTimestamp",
];

interface Poll {
	/** Of the queue. */
	url: string;
	max: number;
	leaseMs: number;
	/** 20 at most. */
	waitSeconds: number;
	signal?: AbortSignal;
}

/**
 * Waits for messages. SQS does not notice the end of a poll that is aborted: what it gives to that is nobody's until the
 * lease ends.
 */
export async function poll(
	sqs: SQS,
	{ url, max, leaseMs, waitSeconds, signal }: Poll,
): Promise<Received[]> {
	const { Messages = [] } = await sqs.receiveMessage(
		{
			QueueUrl: url,
			MaxNumberOfMessages: max,
			WaitTimeSeconds: waitSeconds,
			VisibilityTimeout: leaseMs / 1000,
			MessageAttributeNames: ["All"],
			MessageSystemAttributeNames: SYSTEM_ATTRIBUTES,
		},
		{
			requestTimeout: POLL_TIMEOUT_MS,
			...(signal && { abortSignal: signal }),
		},
	);
	return Messages;
}
