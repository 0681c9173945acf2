import type { SQS } from "@aws-sdk/client-sqs";
import { isDenied } from "./fault.ts";

/** Where SQS puts what it has given too often. */
export interface RedrivePolicy {
	/** Of the queue that has the policy. */
	queueArn: string;
	/** Absent: we may not know. */
	deadLetterUrl?: string;
}

/** @throws SqsError: the queue or its dead-letter queue is not there, or refuses */
export async function redrivePolicyOf(
	sqs: SQS,
	queueUrl: string,
): Promise<RedrivePolicy | undefined> {
	const { Attributes = {} } = await sqs.getQueueAttributes({
		QueueUrl: queueUrl,
		AttributeNames: ["QueueArn", "RedrivePolicy"],
	});
	if (!Attributes.RedrivePolicy) return undefined;
	const { deadLetterTargetArn } = JSON.parse(Attributes.RedrivePolicy);
	// arn:aws:sqs:REGION:ACCOUNT:NAME; the account is told because the queue need not be in the one of the credentials.
	const [account, name] = String(deadLetterTargetArn).split(":").slice(-2);
	const queueArn = Attributes.QueueArn ?? "";
	try {
		const { QueueUrl } = await sqs.getQueueUrl({
			QueueName: name,
			QueueOwnerAWSAccountId: account,
		});
		return { queueArn, ...(QueueUrl && { deadLetterUrl: QueueUrl }) };
	} catch (error) {
		if (isDenied(error)) return { queueArn };
		throw error;
	}
}
