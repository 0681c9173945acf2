import { setImmediate as turn } from "node:timers/promises";
import type { Channel, Connection, Envelope } from "rabbitmq-client";
import { connect, countOf, disconnect, openChannel } from "./connect.ts";
import { failure, isUnwritable } from "./failure.ts";
import { placeOf, refusal } from "./refusal.ts";

/** A connection that messages are sent by, for as long as it lasts: a broker that is short of memory blocks those that send. */
export class Publisher {
	readonly #url: string;
	readonly #onEnd: () => void;
	#connection: Connection | undefined;
	#channel: Channel | undefined;
	readonly #channels: Channel[] = [];
	readonly #unconfirmed = new Set<Confirmation>();
	/** The ids of messages that no queue took. */
	readonly #returned: string[] = [];
	/** Why the broker takes nothing for now. */
	#blocked: string | undefined;
	/** Why it has ended. */
	#reason: unknown;

	constructor(url: string, onEnd: () => void) {
		this.#url = url;
		this.#onEnd = onEnd;
	}

	/** @param name as the broker's operator sees it */
	async open(name: string): Promise<this> {
		const connection = await connect(this.#url, name, this.#end);
		this.#connection = connection;
		connection.on("connection.blocked", (reason) => {
			this.#blocked = reason;
		});
		connection.on("connection.unblocked", () => {
			this.#blocked = undefined;
		});
		try {
			const channel = await this.channel();
			channel.on("basic.return", ({ messageId = "" }) => {
				this.#returned.push(messageId);
			});
			await channel.confirmSelect();
			this.#channel = channel;
		} catch (error) {
			this.#end(error);
			throw refusal(`cannot send to ${placeOf(this.#url)}`, error);
		}
		return this;
	}

	/** One more of its connection, with which all ends. */
	async channel(): Promise<Channel> {
		if (this.#connection === undefined) throw this.#reason;
		const channel = await openChannel(this.#connection, this.#end);
		this.#channels.push(channel);
		channel.once("close", () => setImmediate(this.#end, CLOSED)); // where there is a reason, it has come by then
		return channel;
	}

	/**
	 * Resolves when the broker has stored it; persistent.
	 * @param envelope with a message id
	 * @throws Undeliverable: it is too large, or its headers are
	 * @throws Error: not taken now; a mandatory one also if no queue takes it
	 */
	async send(envelope: Envelope, body: Buffer): Promise<void> {
		try {
			await this.#confirmed({ ...envelope, durable: true }, body);
		} catch (error) {
			throw failure(`cannot send to ${this.#targetOf(envelope)}`, error, body);
		}
		if (!envelope.mandatory) return;
		await turn(); // The library tells of a return so much later than of the confirmation that follows it.
		const index = this.#returned.indexOf(envelope.messageId ?? "");
		if (index < 0) return;
		this.#returned.splice(index, 1);
		throw new Error(
			`no queue takes what is sent to ${this.#targetOf(envelope)}; make or bind one`,
		);
	}

	/** Makes a queue if it is not there. @returns how many messages wait in it */
	async needQueue(queue: string): Promise<number> {
		if (this.#connection === undefined) throw this.#reason;
		try {
			return await countOf(this.#connection, queue);
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== "NOT_FOUND") throw error;
		}
		const channel = await openChannel(this.#connection, () => {});
		try {
			await channel.queueDeclare({ queue, durable: true });
		} finally {
			await channel.close();
		}
		return 0;
	}

	/**
	 * Waits for what is being sent.
	 * @param finish what is to be done after that
	 */
	async close(finish = async (): Promise<unknown> => undefined): Promise<void> {
		if (this.#connection === undefined) return;
		await disconnect(this.#connection, async () => {
			const all = [...this.#unconfirmed].map(({ promise }) => promise);
			await Promise.allSettled(all);
			await finish();
			await Promise.all(this.#channels.map((channel) => channel.close()));
		});
	}

	#confirmed(envelope: Envelope, body: Buffer): Promise<void> {
		if (this.#reason !== undefined || this.#channel === undefined)
			return Promise.reject(this.#reason);
		const confirmation = Promise.withResolvers<void>();
		const timer = setTimeout(this.#giveUp, CONFIRM_MS);
		this.#unconfirmed.add(confirmation);
		this.#channel
			.basicPublish(envelope, body)
			.then(confirmation.resolve, (error) => {
				if (error.code === "NACK" || isUnwritable(error))
					confirmation.reject(error);
				// The library blames the oldest message for what ended the channel, and says of others that it is closed.
				if (!IS_NO_REASON.has(error.code))
					this.#end(isUnwritable(error) ? CLOSED : error);
			});
		return confirmation.promise.finally(() => {
			clearTimeout(timer);
			this.#unconfirmed.delete(confirmation);
		});
	}

	/** Frees what could not be written, too. */
	readonly #giveUp = (): void =>
		this.#end(
			new Error(
				this.#blocked === undefined
					? `no confirmation came in ${CONFIRM_MS / 1000} s`
					: `the broker takes no messages: ${this.#blocked}`,
			),
		);

	readonly #end = (reason: unknown): void => {
		if (this.#reason !== undefined) return;
		this.#reason = reason;
		this.#connection?.unsafeDestroy();
		for (const { reject } of this.#unconfirmed) reject(reason);
		this.#onEnd();
	};

	#targetOf({ exchange, routingKey }: Envelope): string {
		const key = JSON.stringify(routingKey);
		const target = exchange
			? `exchange ${JSON.stringify(exchange)} with routing key ${key}`
			: `queue ${key}`;
		return `${target} of ${placeOf(this.#url)}`;
	}
}

type Confirmation = PromiseWithResolvers<void>;

const CONFIRM_MS = 20_000;
const CLOSED = new Error("the channel was closed");
const IS_NO_REASON = new Set(["NACK", "CH_CLOSE", "ERR_STREAM_DESTROYED"]);
