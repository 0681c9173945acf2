import type { SQS } from "@aws-sdk/client-sqs";
import { Batches } from "./batches.ts";

/** Removes messages from a queue, by their handles. */
export const deletesFrom = (sqs: SQS, QueueUrl: string) =>
	new Batches<{ ReceiptHandle: string }>((Entries) =>
		sqs.deleteMessageBatch({ QueueUrl, Entries }),
	);

/** For how long messages are kept from others; 0 gives them back. */
export const leasesOn = (sqs: SQS, QueueUrl: string) =>
	new Batches<{ ReceiptHandle: string; VisibilityTimeout: number }>((Entries) =>
		sqs.changeMessageVisibilityBatch({ QueueUrl, Entries }),
	);
