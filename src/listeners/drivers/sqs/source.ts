import type { SQS } from "@aws-sdk/client-sqs";
import type { LetterError } from "../../letter.ts";
import type { SqsOptions } from "../../options.ts";
import type { Source, SourceEvents } from "../../source.ts";
import { MAX_ENTRIES } from "./batches.ts";
import { connect, loadSdk, type Sdk } from "./client.ts";
import { DeadLetters } from "./dead-letters.ts";
import { isHandleRefused } from "./fault.ts";
import { deletesFrom, leasesOn } from "./handles.ts";
import { messageFrom, type SqsMessage } from "./message.ts";
import { poll } from "./poll.ts";
import { type RedrivePolicy, redrivePolicyOf } from "./redrive-policy.ts";

/**
 * Not the queue's own visibility timeout: that is made for consumers that do not extend it, so it is as long as their
 * longest work. A short one that is extended bounds no work, and what a crash leaves behind is soon given again.
 */
const LEASE_MS = 30_000;
/** SQS holds no poll longer. */
const MAX_WAIT_SECONDS = 20;
/** From when a message was received, SQS keeps it from others no longer. */
const MAX_INVISIBLE_SECONDS = 43_200;

/**
 * @throws Error: the SDK is not installed, SQS cannot be reached or refuses, the queue or the dead-letter queue of its
 * redrive policy is not there
 */
export async function openSource(
	options: SqsOptions,
	events: SourceEvents,
): Promise<Source<SqsMessage>> {
	const sdk = await loadSdk();
	const sqs = connect(sdk, options);
	try {
		const policy = await redrivePolicyOf(sqs, options.queueUrl);
		return new SqsSource(sdk, sqs, options.queueUrl, policy, events);
	} catch (error) {
		sqs.destroy();
		throw error;
	}
}

class SqsSource implements Source<SqsMessage> {
	readonly maxReceive = MAX_ENTRIES;
	readonly leaseMs = LEASE_MS;
	readonly deadLetter?: Required<Source<SqsMessage>>["deadLetter"];

	readonly #sdk: Sdk;
	readonly #sqs: SQS;
	readonly #url: string;
	readonly #events: SourceEvents;
	readonly #deadLetters: DeadLetters | undefined;
	/** Messages that are here, and when their leases end. */
	readonly #held = new Map<SqsMessage, number>();
	readonly #deletes: ReturnType<typeof deletesFrom>;
	readonly #leases: ReturnType<typeof leasesOn>;

	constructor(
		sdk: Sdk,
		sqs: SQS,
		url: string,
		policy: RedrivePolicy | undefined,
		events: SourceEvents,
	) {
		this.#sdk = sdk;
		this.#sqs = sqs;
		this.#url = url;
		this.#events = events;
		this.#deletes = deletesFrom(sqs, url);
		this.#leases = leasesOn(sqs, url);
		if (!policy) return;
		this.#deadLetters = new DeadLetters(sqs, url, policy);
		this.deadLetter = (message, attempts, error) =>
			this.#settle(message, () => this.#bury(message, attempts, error));
	}

	async receive(max: number, signal: AbortSignal): Promise<SqsMessage[]> {
		this.#forgetExpired();
		if (signal.aborted) return [];
		const received = await poll(
			this.#sdk,
			this.#sqs,
			{
				url: this.#url,
				max: Math.min(max, MAX_ENTRIES),
				leaseMs: LEASE_MS,
				waitSeconds: MAX_WAIT_SECONDS,
			},
			signal,
		);
		const isFifo = this.#url.endsWith(".fifo");
		const messages = received.map((message) => messageFrom(message, isFifo));
		for (const message of messages) this.#hold(message);
		return messages;
	}

	async extend(messages: readonly SqsMessage[]): Promise<void> {
		const lost = new Set<unknown>();
		await Promise.all(
			messages.map(async (message) => {
				try {
					await this.#change(message, LEASE_MS / 1000);
					if (this.#held.has(message)) this.#hold(message);
				} catch (error) {
					if (!isHandleRefused(error)) throw error;
					// Else it has been settled meanwhile.
					if (this.#held.delete(message)) lost.add(message);
				}
			}),
		);
		if (lost.size > 0) this.#events.lost((message) => lost.has(message));
	}

	ack(message: SqsMessage): Promise<void> {
		return this.#settle(message, () => this.#delete(message));
	}

	retry(message: SqsMessage, delayMs: number): Promise<void> {
		const heldMs = Date.now() - message.receivedAtMs;
		const left = MAX_INVISIBLE_SECONDS - Math.ceil(heldMs / 1000);
		const seconds = Math.max(0, Math.min(Math.ceil(delayMs / 1000), left));
		return this.#settle(message, () => this.#change(message, seconds));
	}

	async lag(): Promise<number> {
		const { Attributes } = await this.#sqs.getQueueAttributes({
			QueueUrl: this.#url,
			AttributeNames: ["ApproximateNumberOfMessages"],
		});
		return Number(Attributes?.ApproximateNumberOfMessages);
	}

	async close(): Promise<void> {
		this.#forgetExpired();
		// If that fails, they are given again when their leases end.
		await Promise.allSettled(
			[...this.#held.keys()].map((message) => this.#change(message, 0)),
		);
		await Promise.all([
			this.#deletes.close(),
			this.#leases.close(),
			this.#deadLetters?.close(),
		]);
		this.#sqs.destroy();
	}

	async #bury(message: SqsMessage, attempts: number, error: LetterError) {
		if (await this.#deadLetters?.put(message, attempts, error))
			await this.#delete(message);
		// Given back so often as the redrive policy says, it goes to the dead-letter queue without us, who may not send there.
		else await this.#change(message, 0);
	}

	#delete({ handle }: SqsMessage): Promise<void> {
		return this.#deletes.add({ ReceiptHandle: handle });
	}

	#change({ handle }: SqsMessage, VisibilityTimeout: number): Promise<void> {
		return this.#leases.add({ ReceiptHandle: handle, VisibilityTimeout });
	}

	#hold(message: SqsMessage): void {
		this.#held.set(message, Date.now() + LEASE_MS);
	}

	/** It is not held while it is settled; again, if that fails. */
	async #settle(message: SqsMessage, settle: () => Promise<void>) {
		const until = this.#held.get(message);
		this.#held.delete(message);
		try {
			await settle();
		} catch (error) {
			if (until !== undefined) this.#held.set(message, until);
			throw error;
		}
	}

	/** Their handles may be of no use, or of a bad one: somebody else may have them. */
	#forgetExpired(): void {
		const now = Date.now();
		for (const [message, until] of this.#held)
			if (until < now) this.#held.delete(message);
	}
}
