import type { SQS } from "@aws-sdk/client-sqs";
import type { LetterError } from "../../letter.ts";
import {
	attributeOf,
	bytesOf,
	MAX_ATTRIBUTES,
	withoutOurs,
} from "./attributes.ts";
import { MAX_BYTES } from "./batches.ts";
import type { SqsMessage } from "./message.ts";
import { type DeadLetterQueue, deadLetterQueueOf } from "./redrive-policy.ts";
import { type Outgoing, Sender } from "./sender.ts";

/** Of the error's text: the rest of a long one helps nobody who reads a queue. */
const MAX_ERROR_LENGTH = 1000;
/** Which queue it comes from: several may share a dead-letter queue. */
export const QUEUE_ATTRIBUTE = "applyd-queue";

/** As it arrived, and as far as there is room with why it failed. */
function deadLetterOf(
	{ id, body, attributes, group }: SqsMessage,
	attempts: number,
	{ message, error_type }: LetterError,
	queueArn: string,
): Outgoing {
	const text = body.toString();
	let all = withoutOurs(attributes);
	for (const [name, value] of Object.entries({
		"applyd-error": message.slice(0, MAX_ERROR_LENGTH),
		[QUEUE_ATTRIBUTE]: queueArn,
		"applyd-error-type": error_type,
		"applyd-attempts": attempts,
	})) {
		const attribute = attributeOf(value);
		if (!attribute || Object.keys(all).length === MAX_ATTRIBUTES) continue;
		const more = { ...all, [name]: attribute };
		if (bytesOf(text, more) <= MAX_BYTES) all = more;
	}
	return {
		MessageBody: text,
		MessageAttributes: all,
		...(group !== undefined && {
			MessageGroupId: group,
			MessageDeduplicationId: id,
		}),
	};
}

/** The dead-letter queue that the redrive policy of a queue names. */
export class DeadLetters {
	readonly #sqs: SQS;
	readonly #queueUrl: string;
	#place: Promise<DeadLetterQueue & { sender: Sender }> | undefined;

	constructor(sqs: SQS, queueUrl: string) {
		this.#sqs = sqs;
		this.#queueUrl = queueUrl;
	}

	/** @throws Error: it cannot be reached, refuses or is not there; then it is looked up again for the next one */
	async put(
		message: SqsMessage,
		attempts: number,
		error: LetterError,
	): Promise<void> {
		this.#place ??= this.#lookUp();
		try {
			const { sender, queueArn } = await this.#place;
			await sender.put(deadLetterOf(message, attempts, error, queueArn));
		} catch (failure) {
			this.#place = undefined;
			throw failure;
		}
	}

	async #lookUp() {
		const place = await deadLetterQueueOf(this.#sqs, this.#queueUrl);
		return { ...place, sender: new Sender(this.#sqs, place.url) };
	}
}
