import type { Channel, Connection } from "rabbitmq-client";
import type { AmqpSourceOptions } from "../../options.ts";
import { Changes } from "../changes.ts";
import { Acks } from "./acks.ts";
import { keepBytes } from "./bytes.ts";
import { connect, countOf, disconnect, openChannel } from "./connect.ts";
import { type AmqpMessage, type Delivery, messageOf } from "./message.ts";
import { placeOf, refusal } from "./refusal.ts";

/** So long a look for messages takes if there are none. */
const IDLE_MS = 5000;

/** A connection that messages of one queue come by, for as long as it lasts. */
export class Consumer {
	readonly #options: AmqpSourceOptions;
	readonly #onEnd: () => void;
	#connection: Connection | undefined;
	#channel: Channel | undefined;
	#acks: Acks | undefined;
	/** Arrived, and not taken yet: as many as the broker gives unanswered. */
	#waiting: AmqpMessage[] = [];
	readonly #changes = new Changes();
	#willWake = false;
	/** Why it has ended. */
	#reason: Error | undefined;

	/** @param onEnd its messages can be answered no more; not for `close` */
	constructor(options: AmqpSourceOptions, onEnd: () => void) {
		this.#options = options;
		this.#onEnd = onEnd;
	}

	get #place(): string {
		const { url, queue } = this.#options;
		return `queue ${JSON.stringify(queue)} of ${placeOf(url)}`;
	}

	/** @param name as the broker's operator sees it */
	async open(prefetch: number, name: string): Promise<this> {
		const { url, queue } = this.#options;
		this.#connection = await connect(url, name, this.#end);
		try {
			const channel = await openChannel(this.#connection, (error) =>
				this.#end(refusal(`${this.#place} was lost`, error)),
			);
			this.#channel = channel;
			const acks = new Acks(channel);
			this.#acks = acks;
			channel.once("close", () =>
				setImmediate(this.#end, new Error(`${this.#place} was lost`)),
			); // where there is a reason, it has come by then
			channel.once("basic.cancel", () =>
				this.#end(
					new Error(`${this.#place} gives no more messages: was it deleted?`),
				),
			);
			keepBytes(channel);
			await channel.basicQos({ prefetchCount: prefetch });
			// It is not declared: that would need to know how it once was.
			await channel.basicConsume({ queue }, (delivery: Delivery) =>
				this.#arrive(messageOf(delivery, channel, acks)),
			);
		} catch (error) {
			this.#end(refusal(`cannot read ${this.#place}`, error));
		}
		if (this.#reason !== undefined) throw this.#reason;
		return this;
	}

	has({ channel }: AmqpMessage): boolean {
		return channel === this.#channel;
	}

	/** @throws Error why it has ended */
	async take(max: number, signal: AbortSignal): Promise<AmqpMessage[]> {
		if (this.#waiting.length === 0 && this.#reason === undefined)
			await this.#changes.next(IDLE_MS, signal);
		if (this.#reason !== undefined) throw this.#reason;
		return this.#waiting.splice(0, max);
	}

	/** How many messages wait, at the broker and here. */
	async count(): Promise<number> {
		if (this.#connection === undefined) throw this.#reason;
		try {
			const there = await countOf(this.#connection, this.#options.queue);
			return there + this.#waiting.length;
		} catch (error) {
			throw refusal(`cannot count the messages of ${this.#place}`, error);
		}
	}

	/** What is not answered yet is the broker's again. */
	async close(): Promise<void> {
		const connection = this.#connection;
		this.#connection = undefined;
		this.#end(new Error(`${this.#place} is closed`));
		if (connection)
			await disconnect(connection, async () => {
				this.#acks?.send();
				await this.#channel?.close();
			});
	}

	readonly #arrive = (message: AmqpMessage): void => {
		this.#waiting.push(message);
		if (this.#willWake) return;
		this.#willWake = true;
		setImmediate(this.#wake); // after the others that came with it
	};

	readonly #wake = (): void => {
		this.#willWake = false;
		this.#changes.tell();
	};

	readonly #end = (reason: Error): void => {
		if (this.#reason !== undefined) return;
		this.#reason = reason;
		this.#waiting = [];
		this.#connection?.unsafeDestroy();
		this.#changes.tell();
		this.#onEnd();
	};
}
