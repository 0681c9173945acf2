import type { SendMessageBatchRequestEntry, SQS } from "@aws-sdk/client-sqs";
import { Undeliverable } from "../../sink.ts";
import { bytesOf } from "./attributes.ts";
import { Batches, type BatchResult, MAX_BYTES } from "./batches.ts";
import { isContentRefused, SqsError } from "./fault.ts";

export type Outgoing = Omit<SendMessageBatchRequestEntry, "Id">;
type Entry = Outgoing & { Id: string };

/** Sends to one queue; those who come at nearly the same time share a request. */
export class Sender {
	readonly #sqs: SQS;
	readonly #url: string;
	readonly #maxBytes: number;
	readonly #batches = new Batches((entries: Entry[]) => this.#send(entries));

	/** @param maxBytes of one message, with its attributes */
	constructor(sqs: SQS, url: string, maxBytes = MAX_BYTES) {
		this.#sqs = sqs;
		this.#url = url;
		this.#maxBytes = maxBytes;
	}

	/** @throws Undeliverable if SQS will never take it, SqsError if it may later */
	async put(message: Outgoing): Promise<void> {
		const { MessageBody = "", MessageAttributes = {} } = message;
		const bytes = bytesOf(MessageBody, MessageAttributes);
		if (bytes > this.#maxBytes)
			throw new Undeliverable(
				`${bytes} bytes with attributes, and the queue ${this.#url} takes ${this.#maxBytes} at most; let results go to "data", which has no such limit`,
			);
		try {
			await this.#batches.add(message, bytes);
		} catch (error) {
			if (!isContentRefused(error)) throw error;
			const { message: why } = error as SqsError;
			throw new Undeliverable(
				`the queue ${this.#url} does not take it: ${why}`,
			);
		}
	}

	close(): Promise<void> {
		return this.#batches.close();
	}

	async #send(Entries: Entry[]): Promise<BatchResult> {
		try {
			return await this.#sqs.sendMessageBatch({ QueueUrl: this.#url, Entries });
		} catch (error) {
			if (Entries.length === 1 || !isContentRefused(error)) throw error;
			return this.#sendEach(Entries);
		}
	}

	/** A request that was refused as a whole does not say for whose sake. One after the other, for a FIFO queue's order. */
	async #sendEach(entries: Entry[]): Promise<BatchResult> {
		const Successful: Entry[] = [];
		const Failed = [];
		for (const entry of entries) {
			try {
				await this.#send([entry]);
				Successful.push(entry);
			} catch (error) {
				if (!(error instanceof SqsError)) throw error;
				const { code: Code, message: Message } = error;
				Failed.push({ Id: entry.Id, Code, Message, SenderFault: true });
			}
		}
		return { Successful, Failed };
	}
}
