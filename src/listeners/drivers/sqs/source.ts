import type { SQS } from "@aws-sdk/client-sqs";
import type { SqsOptions } from "../../options.ts";
import type { Source, SourceEvents } from "../../source.ts";
import { MAX_ENTRIES } from "./batches.ts";
import { connect, loadSdk } from "./client.ts";
import { DeadLetters } from "./dead-letters.ts";
import { isHandleRefused } from "./fault.ts";
import { deletesFrom, leasesOn } from "./handles.ts";
import { messageFrom, type SqsMessage } from "./message.ts";
import { poll } from "./poll.ts";
import { redrivePolicyOf } from "./redrive-policy.ts";

/**
 * Not the queue's own visibility timeout: that is made for consumers that do not extend it, so it is as long as their
 * longest work. A short one that is extended bounds no work, and what a crash leaves behind is soon given again.
 */
const LEASE_MS = 30_000;
/**
 * SQS would hold a poll for 20 s. But a poll must not be cut off while it waits, or what SQS gives to it is nobody's for
 * a whole lease: so an end and a pause wait for it. 520 000 polls a month are less than what AWS gives away.
 */
const WAIT_SECONDS = 5;
/** A poll that takes longer after its abort has no answer to come. */
const MAX_LATE_MS = WAIT_SECONDS * 1000 + 1000;
/** From when a message was received, SQS keeps it from others no longer. */
const MAX_INVISIBLE_SECONDS = 43_200;

/**
 * @throws Error: the SDK is not installed, SQS cannot be reached or refuses, the queue is not there
 */
export async function openSource(
	options: SqsOptions,
	events: SourceEvents,
): Promise<Source<SqsMessage>> {
	const sqs = connect(await loadSdk(), options);
	try {
		const policy = await redrivePolicyOf(sqs, options.queueUrl);
		const hasDeadLetters = policy !== undefined;
		return new SqsSource(sqs, options.queueUrl, hasDeadLetters, events);
	} catch (error) {
		sqs.destroy();
		throw error;
	}
}

class SqsSource implements Source<SqsMessage> {
	readonly maxReceive = MAX_ENTRIES;
	readonly leaseMs = LEASE_MS;
	readonly deadLetter?: Required<Source<SqsMessage>>["deadLetter"];

	readonly #sqs: SQS;
	readonly #url: string;
	readonly #events: SourceEvents;
	/** Messages that are here, and when their leases end. */
	readonly #held = new Map<SqsMessage, number>();
	/** Those that are, or just become, the broker's business alone. */
	readonly #settled = new WeakSet<SqsMessage>();
	/** Polls that end after their aborts. */
	readonly #late = new Set<Promise<void>>();
	#closed: Promise<void> | undefined;
	readonly #deletes: ReturnType<typeof deletesFrom>;
	readonly #leases: ReturnType<typeof leasesOn>;

	constructor(
		sqs: SQS,
		url: string,
		hasDeadLetters: boolean,
		events: SourceEvents,
	) {
		this.#sqs = sqs;
		this.#url = url;
		this.#events = events;
		this.#deletes = deletesFrom(sqs, url);
		this.#leases = leasesOn(sqs, url);
		if (!hasDeadLetters) return;
		const deadLetters = new DeadLetters(sqs, url);
		// If we may not send there it is refused, and so retried: SQS moves what it has given too often, and needs no leave.
		this.deadLetter = (message, attempts, error) =>
			this.#settle(message, async () => {
				await deadLetters.put(message, attempts, error);
				await this.#delete(message);
			});
	}

	async receive(max: number, signal: AbortSignal): Promise<SqsMessage[]> {
		this.#forgetExpired();
		if (signal.aborted) return [];
		const cutOff = new AbortController();
		const polled = this.#poll(Math.min(max, MAX_ENTRIES), cutOff.signal);
		const aborted = Promise.withResolvers<SqsMessage[]>();
		const onAbort = () => {
			this.#giveBackLate(polled, cutOff);
			aborted.resolve([]);
		};
		signal.addEventListener("abort", onAbort);
		try {
			const messages = await Promise.race([polled, aborted.promise]);
			return signal.aborted ? [] : messages;
		} finally {
			signal.removeEventListener("abort", onAbort);
		}
	}

	async extend(messages: readonly SqsMessage[]): Promise<void> {
		await Promise.all(messages.map((message) => this.#extendOne(message)));
	}

	ack(message: SqsMessage): Promise<void> {
		return this.#settle(message, () => this.#delete(message));
	}

	retry(message: SqsMessage, delayMs: number): Promise<void> {
		const heldSeconds = Math.ceil((Date.now() - message.receivedAtMs) / 1000);
		const left = Math.max(0, MAX_INVISIBLE_SECONDS - heldSeconds - 1);
		const seconds = Math.min(Math.ceil(delayMs / 1000), left);
		return this.#settle(message, () => this.#change(message, seconds));
	}

	async lag(): Promise<number> {
		const { Attributes } = await this.#sqs.getQueueAttributes({
			QueueUrl: this.#url,
			AttributeNames: ["ApproximateNumberOfMessages"],
		});
		return Number(Attributes?.ApproximateNumberOfMessages);
	}

	close(): Promise<void> {
		this.#closed ??= this.#close();
		return this.#closed;
	}

	async #close(): Promise<void> {
		this.#forgetExpired();
		// If that fails, they are given again when their leases end.
		await Promise.allSettled([
			...[...this.#held.keys()].map((message) => this.#change(message, 0)),
			...this.#late,
		]);
		await Promise.all([this.#deletes.close(), this.#leases.close()]);
		this.#sqs.destroy();
	}

	async #poll(max: number, signal: AbortSignal): Promise<SqsMessage[]> {
		const received = await poll(this.#sqs, {
			url: this.#url,
			max,
			leaseMs: LEASE_MS,
			waitSeconds: WAIT_SECONDS,
			signal,
		});
		const isFifo = this.#url.endsWith(".fifo");
		const messages = received.map((message) => messageFrom(message, isFifo));
		for (const message of messages) this.#hold(message);
		return messages;
	}

	/** Nobody waits for this poll any more, but SQS still gives messages to it. */
	#giveBackLate(polled: Promise<SqsMessage[]>, cutOff: AbortController): void {
		const timer = setTimeout(() => cutOff.abort(), MAX_LATE_MS);
		const late = polled
			.then((messages) =>
				Promise.all(messages.map((one) => this.retry(one, 0))),
			)
			.then(
				() => {},
				() => {}, // they are given again when their leases end
			)
			.finally(() => {
				clearTimeout(timer);
				this.#late.delete(late);
			});
		this.#late.add(late);
	}

	async #extendOne(message: SqsMessage): Promise<void> {
		try {
			await this.#change(message, LEASE_MS / 1000);
			if (!this.#settled.has(message)) this.#hold(message);
		} catch (error) {
			if (!isHandleRefused(error)) throw error;
			if (this.#settled.has(message)) return;
			this.#held.delete(message);
			this.#events.lost((one) => one === message);
		}
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

	/** If that fails, the message is here as before. */
	async #settle(message: SqsMessage, settle: () => Promise<void>) {
		const until = this.#held.get(message);
		this.#held.delete(message);
		this.#settled.add(message);
		try {
			await settle();
		} catch (error) {
			this.#settled.delete(message);
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
