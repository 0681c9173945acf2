import type { Channel, Envelope } from "rabbitmq-client";
import { Acks } from "./acks.ts";
import { keepBytes } from "./bytes.ts";
import {
	type AmqpMessage,
	again,
	type Delivery,
	dueOf,
	messageOf,
} from "./message.ts";
import { Publisher } from "./publisher.ts";
import { refusal } from "./refusal.ts";

/** So many, and so many bytes, are held here; others wait at the broker only. */
const MAX_HELD = 10_000;
const MAX_HELD_BYTES = 64 * 1024 * 1024;
/** Where one cannot be brought back. */
const AGAIN_MS = 5000;
const MAX_TIMER_MS = 2 ** 31 - 1;

/** A connection to the queue of those that wait for their next attempt (`Retries`), for as long as it lasts. */
export class WaitingRoom {
	readonly #waiting: string;
	readonly #queue: string;
	readonly #publisher: Publisher;
	#channel: Channel | undefined;
	#acks: Acks | undefined;
	readonly #held = new Map<AmqpMessage, NodeJS.Timeout | undefined>();
	#heldBytes = 0;
	/** Those of them that are being sent to their queue. */
	readonly #returning = new Set<Promise<void>>();
	#hasMore = false;
	#isFetching = false;

	/**
	 * @param waiting the queue of those that wait
	 * @param queue where they go when their time has come
	 */
	constructor(url: string, waiting: string, queue: string, onEnd: () => void) {
		this.#waiting = waiting;
		this.#queue = queue;
		this.#publisher = new Publisher(url, () => {
			this.#stop();
			onEnd();
		});
	}

	/** @param name as the broker's operator sees it */
	async open(name: string): Promise<this> {
		await this.#publisher.open(name);
		try {
			await this.#publisher.needQueue(this.#waiting);
			const channel = await this.#publisher.channel();
			keepBytes(channel);
			this.#acks = new Acks(channel);
			this.#channel = channel;
			await this.#fetchOne(); // who may not read it is to hear so before something is put there
		} catch (error) {
			await this.#publisher.close();
			throw refusal(
				`cannot open queue ${JSON.stringify(this.#waiting)}, where messages wait for their next attempt (the user needs to configure and read it, and to write "amq.default")`,
				error,
			);
		}
		this.fetch();
		return this;
	}

	/** Resolves when it is stored. */
	async put(
		message: AmqpMessage,
		delayMs: number,
		attempts: number,
	): Promise<void> {
		await this.#send(
			message,
			delayMs > 0
				? again(message, attempts, Date.now() + delayMs)
				: again(message, attempts),
			delayMs > 0 ? this.#waiting : this.#queue,
		);
		if (delayMs > 0) this.fetch();
	}

	/** How many wait, about. */
	async count(): Promise<number> {
		const there = await this.#publisher.needQueue(this.#waiting);
		return there + this.#held.size;
	}

	/** Those held are there again. */
	async close(): Promise<void> {
		this.#stop();
		await this.#publisher.close(() => Promise.all(this.#returning));
	}

	#stop(): void {
		for (const timer of this.#held.values()) clearTimeout(timer);
		this.#held.clear();
	}

	/** Looks for those that others have put there, too. */
	fetch(): void {
		this.#hasMore = true;
		if (!this.#isFetching) void this.#fetchAll();
	}

	async #fetchAll(): Promise<void> {
		this.#isFetching = true;
		try {
			while (
				this.#hasMore &&
				this.#held.size < MAX_HELD &&
				this.#heldBytes < MAX_HELD_BYTES
			) {
				this.#hasMore = false; // one that is put there meanwhile counts
				if (await this.#fetchOne()) this.#hasMore = true;
			}
		} catch {
			// It has ended, and is opened again.
		} finally {
			this.#isFetching = false;
		}
	}

	/** @returns whether there was one */
	async #fetchOne(): Promise<boolean> {
		const queue = this.#waiting;
		const delivery = await this.#channel?.basicGet({ queue });
		if (delivery === undefined) return false;
		this.#hold(delivery as Delivery);
		return true;
	}

	#hold(delivery: Delivery): void {
		if (!this.#channel || !this.#acks) return;
		const message = messageOf(delivery, this.#channel, this.#acks);
		this.#held.set(message, undefined);
		this.#heldBytes += message.body.length;
		this.#bringBackIn(message, dueOf(delivery) - Date.now());
	}

	#bringBackIn(message: AmqpMessage, ms: number): void {
		if (!this.#held.has(message)) return; // its connection has ended
		const wait = Math.min(Math.max(ms, 0), MAX_TIMER_MS);
		const timer = setTimeout(() => {
			const returning = this.#bringBack(message);
			this.#returning.add(returning);
			void returning.finally(() => this.#returning.delete(returning));
		}, wait);
		this.#held.set(message, timer);
	}

	async #bringBack(message: AmqpMessage): Promise<void> {
		try {
			const envelope = again(message, message.attempts);
			await this.#send(message, envelope, this.#queue);
			await message.acks.add(message.delivery.deliveryTag);
		} catch {
			this.#bringBackIn(message, AGAIN_MS);
			return;
		}
		this.#held.delete(message);
		this.#heldBytes -= message.body.length;
		if (this.#hasMore) this.fetch();
	}

	#send({ body }: AmqpMessage, envelope: Envelope, routingKey: string) {
		return this.#publisher.send(
			{ ...envelope, routingKey, mandatory: true },
			body,
		);
	}
}
