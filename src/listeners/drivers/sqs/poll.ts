import type {
	MessageSystemAttributeName,
	Message as Received,
	SQS,
} from "@aws-sdk/client-sqs";
import { POLL_TIMEOUT_MS, type Sdk } from "./client.ts";

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
}

/**
 * Waits for messages. An abort ends the wait, but not an answer that has begun to come: its messages would be nobody's
 * until their lease ends, as those are that SQS sends at that very moment.
 */
export async function poll(
	sdk: Sdk,
	sqs: SQS,
	{ url, max, leaseMs, waitSeconds }: Poll,
	signal: AbortSignal,
): Promise<Received[]> {
	const command = new sdk.ReceiveMessageCommand({
		QueueUrl: url,
		MaxNumberOfMessages: max,
		WaitTimeSeconds: waitSeconds,
		VisibilityTimeout: leaseMs / 1000,
		MessageAttributeNames: ["All"],
		MessageSystemAttributeNames: SYSTEM_ATTRIBUTES,
	});
	const request = new AbortController();
	const abort = () => request.abort();
	// Around each try of the request, until its answer's head is there.
	command.middlewareStack.add(
		(next) => async (args) => {
			if (signal.aborted) abort();
			signal.addEventListener("abort", abort);
			try {
				return await next(args);
			} finally {
				signal.removeEventListener("abort", abort);
			}
		},
		{ step: "deserialize", priority: "low" },
	);
	try {
		const { Messages = [] } = await sqs.send(command, {
			abortSignal: request.signal,
			requestTimeout: POLL_TIMEOUT_MS,
		});
		return Messages;
	} catch (error) {
		if (signal.aborted) return [];
		throw error;
	}
}
