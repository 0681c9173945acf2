/** Why something was not done. */
export class SqsError extends Error {
	/** SQS's own, as `QueueDoesNotExist`; else the connection's, as `ECONNREFUSED`. */
	readonly code: string;

	constructor(code: string, message: string, cause?: unknown) {
		super(message, { cause });
		this.code = code.replace(/^AWS\.SimpleQueueService\./, "");
	}
}

interface SdkError extends Error {
	code?: string;
	$metadata?: { httpStatusCode?: number };
}

interface Request {
	commandName: string;
	/** Its URL or its name. */
	queue: string;
	endpoint: string;
}

/** What the SDK threw, with the queue's name and what to do. */
export function faultOf(
	error: unknown,
	{ commandName, queue, endpoint }: Request,
): SqsError {
	const { name, message, code, $metadata } = error as SdkError;
	const fault = (text: string, its = name) => new SqsError(its, text, error);
	// Rights know no batches.
	const action = `sqs:${commandName.replace(/(Batch)?Command$/, "")}`;
	if (name === "QueueDoesNotExist")
		return fault(
			`the queue ${queue} is not there; make it, or correct "queueUrl", "region" or "endpoint"`,
		);
	if (name === "CredentialsProviderError")
		return fault(
			`there are no credentials for the queue ${queue} (${message}); set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or what else the AWS SDK reads`,
		);
	if ($metadata?.httpStatusCode === 403 || isDenial(name))
		return fault(
			`the queue ${queue} refuses ${action} (${message}); allow it to whom these credentials belong, or give others`,
		);
	if (name === "TimeoutError" || /^E[A-Z]/.test(code ?? ""))
		return fault(
			`the queue ${queue} cannot be reached at ${endpoint} (${message || code}); see that its server runs, and that "queueUrl" and "endpoint" are right`,
			code,
		);
	return fault(`${action} of the queue ${queue} failed: ${name}: ${message}`);
}

const isDenial = (code: string) => code.includes("AccessDenied");

export const isDenied = (error: unknown): boolean =>
	error instanceof SqsError && isDenial(error.code);

/** Whether the message itself is why SQS did not take it: too long, characters or attributes that SQS does not know. */
export const isContentRefused = (error: unknown): boolean =>
	error instanceof SqsError && CONTENT_CODES.has(error.code);

const CONTENT_CODES = new Set([
	"BatchRequestTooLong",
	"InvalidAttributeName",
	"InvalidAttributeValue",
	"InvalidMessageContents",
	"InvalidParameterValue",
]);

/** Whether the handle of a message is of no use any more: it is gone, or given to somebody else. */
export const isHandleRefused = (error: unknown): boolean =>
	error instanceof SqsError && HANDLE_CODES.has(error.code);

const HANDLE_CODES = new Set([
	"InvalidParameterValue",
	"MessageNotInflight",
	"ReceiptHandleIsInvalid",
]);
