import { createHash } from "node:crypto";
import type { SQS } from "@aws-sdk/client-sqs";
import type { Letter } from "../../letter.ts";
import type { SqsOptions } from "../../options.ts";
import type { Sink } from "../../sink.ts";
import { attributesFrom } from "./attributes.ts";
import { MAX_BYTES } from "./batches.ts";
import { connect, loadSdk } from "./client.ts";
import { isDenied } from "./fault.ts";
import { type Outgoing, Sender } from "./sender.ts";

/** @throws Error: the SDK is not installed, SQS cannot be reached, the queue is not there */
export async function openSink(options: SqsOptions): Promise<Sink> {
	const sqs = connect(await loadSdk(), options);
	try {
		const maxBytes = await maxBytesOf(sqs, options.queueUrl);
		return new SqsSink(sqs, options.queueUrl, maxBytes);
	} catch (error) {
		sqs.destroy();
		throw error;
	}
}

async function maxBytesOf(sqs: SQS, QueueUrl: string): Promise<number> {
	const AttributeNames = ["MaximumMessageSize" as const];
	try {
		const { Attributes } = await sqs.getQueueAttributes({
			QueueUrl,
			AttributeNames,
		});
		return Number(Attributes?.MaximumMessageSize ?? MAX_BYTES);
	} catch (error) {
		// Some may only send; then SQS says itself what is too long.
		if (isDenied(error)) return MAX_BYTES;
		throw error;
	}
}

class SqsSink implements Sink {
	readonly #sqs: SQS;
	readonly #isFifo: boolean;
	readonly #sender: Sender;

	constructor(sqs: SQS, url: string, maxBytes: number) {
		this.#sqs = sqs;
		this.#isFifo = url.endsWith(".fifo");
		this.#sender = new Sender(sqs, url, maxBytes);
	}

	put({ id, body, handedOn }: Letter): Promise<void> {
		return this.#sender.put({
			MessageBody: escaped(body.toString()),
			MessageAttributes: attributesFrom(handedOn),
			...(this.#isFifo && fifoFields(handedOn.groupId ?? id, id)),
		});
	}

	async close(): Promise<void> {
		await this.#sender.close();
		this.#sqs.destroy();
	}
}

/** JSON itself escapes the other characters that SQS does not take; these two can only be in its strings. */
const escaped = (json: string) =>
	json.replaceAll("\ufffe", "\\ufffe").replaceAll("\uffff", "\\uffff");

/** A FIFO queue takes a deduplication id once in five minutes. */
const fifoFields = (group: string, deduplication: string) =>
	({
		MessageGroupId: token(group),
		MessageDeduplicationId: token(deduplication),
	}) satisfies Partial<Outgoing>;

/** Ids of other brokers may be too long for SQS, or have other characters. */
const token = (id: string) =>
	/^[!-~]{1,128}$/.test(id)
		? id
		: createHash("sha256").update(id).digest("hex");
