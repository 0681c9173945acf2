import type { SQS } from "@aws-sdk/client-sqs";

/** Where SQS puts what a queue has given too often. */
interface RedrivePolicy {
	/** Of the queue itself. */
	queueArn: string;
	deadLetterArn: string;
}

/** @throws SqsError: the queue is not there, or refuses */
export async function redrivePolicyOf(
	sqs: SQS,
	queueUrl: string,
): Promise<RedrivePolicy | undefined> {
	const { Attributes = {} } = await sqs.getQueueAttributes({
		QueueUrl: queueUrl,
		AttributeNames: ["QueueArn", "RedrivePolicy"],
	});
	const { QueueArn: queueArn = "", RedrivePolicy: policy } = Attributes;
	if (!policy) return undefined;
	return { queueArn, deadLetterArn: JSON.parse(policy).deadLetterTargetArn };
}

export interface DeadLetterQueue {
	url: string;
	/** Of the queue whose messages it takes. */
	queueArn: string;
}

/** @throws Error: there is none, it is not there, or one of the two refuses */
export async function deadLetterQueueOf(
	sqs: SQS,
	queueUrl: string,
): Promise<DeadLetterQueue> {
	const policy = await redrivePolicyOf(sqs, queueUrl);
	if (!policy)
		throw new Error(
			`the queue ${queueUrl} has no redrive policy, so it has no dead-letter queue; give it one`,
		);
	// arn:aws:sqs:REGION:ACCOUNT:NAME. The account need not be that of the credentials.
	const [account, name] = policy.deadLetterArn.split(":").slice(-2);
	const { QueueUrl: url = "" } = await sqs.getQueueUrl({
		QueueName: name,
		QueueOwnerAWSAccountId: account,
	});
	return { url, queueArn: policy.queueArn };
}
