import type { SQS } from "@aws-sdk/client-sqs";
import type { LetterError } from "../../letter.ts";
import { Undeliverable } from "../../sink.ts";
import {
	attributeOf,
	bytesOf,
	MAX_ATTRIBUTES,
	withoutOurs,
} from "./attributes.ts";
import { MAX_BYTES } from "./batches.ts";
import { isDenied } from "./fault.ts";
import type { SqsMessage } from "./message.ts";
import { type RedrivePolicy, redrivePolicyOf } from "./redrive-policy.ts";
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
	#policy: RedrivePolicy;
	#sender: Sender | undefined;

	constructor(sqs: SQS, queueUrl: string, policy: RedrivePolicy) {
		this.#sqs = sqs;
		this.#queueUrl = queueUrl;
		this.#policy = policy;
		this.#sender = this.#senderOf(policy);
	}

	/**
	 * @returns whether it is there now; if not, only SQS itself can put it there
	 * @throws Error: it cannot be reached, it is not there
	 */
	async put(
		message: SqsMessage,
		attempts: number,
		error: LetterError,
	): Promise<boolean> {
		const letter = deadLetterOf(
			message,
			attempts,
			error,
			this.#policy.queueArn,
		);
		try {
			await this.#sender?.put(letter);
			return this.#sender !== undefined;
		} catch (failure) {
			if (await this.#hasMoved()) {
				await this.#sender?.put(letter);
				return this.#sender !== undefined;
			}
			if (isDenied(failure) || failure instanceof Undeliverable) return false;
			throw failure;
		}
	}

	async close(): Promise<void> {
		await this.#sender?.close();
	}

	/** The policy may name another queue by now. */
	async #hasMoved(): Promise<boolean> {
		const policy = await redrivePolicyOf(this.#sqs, this.#queueUrl);
		if (!policy)
			throw new Error(
				`the queue ${this.#queueUrl} has no redrive policy any more, so its dead letters have no place; give it one`,
			);
		const hasMoved = policy.deadLetterUrl !== this.#policy.deadLetterUrl;
		if (hasMoved) {
			this.#policy = policy;
			this.#sender = this.#senderOf(policy);
		}
		return hasMoved;
	}

	#senderOf({ deadLetterUrl }: RedrivePolicy): Sender | undefined {
		return deadLetterUrl === undefined
			? undefined
			: new Sender(this.#sqs, deadLetterUrl);
	}
}
