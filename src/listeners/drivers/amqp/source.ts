import type { AmqpSourceOptions } from "../../options.ts";
import type { Source, SourceContext } from "../../source.ts";
import { Consumer } from "./consumer.ts";
import type { AmqpMessage } from "./message.ts";
import { Renewed } from "./renewed.ts";
import { Retries } from "./retries.ts";

/** Where messages are run together, so many wait ahead. */
const LISTS_PREFETCH = 100;

/** Connects to a broker and begins to read. @throws Error as `drivers.ts` says */
export async function openSource(
	options: AmqpSourceOptions,
	context: SourceContext,
): Promise<Source<AmqpMessage>> {
	const source = new AmqpSource(options, context);
	await source.connect();
	return source;
}

/**
 * A queue of an AMQP 0-9-1 broker, classic or quorum. The broker sends messages ahead, up to `prefetch`; all that are not
 * answered are given again when the connection ends.
 */
class AmqpSource implements Source<AmqpMessage> {
	readonly maxReceive: number;
	readonly #consumer: Renewed<Consumer>;
	readonly #retries: Retries;
	readonly #willRetry: boolean;
	#isClosed = false;

	constructor(
		options: AmqpSourceOptions,
		{ name, concurrency, takesLists, willRetry, lost }: SourceContext,
	) {
		const prefetch =
			options.prefetch ?? (takesLists ? LISTS_PREFETCH : 2 * concurrency);
		this.maxReceive = prefetch;
		this.#willRetry = willRetry;
		this.#retries = new Retries(options, name);
		this.#consumer = new Renewed((onEnd) => {
			const consumer = new Consumer(options, () => {
				onEnd();
				if (!this.#isClosed)
					lost((message) => consumer.has(message as AmqpMessage));
			});
			return consumer.open(prefetch, `applyd ${name}`);
		});
	}

	async connect(): Promise<void> {
		await this.#consumer.get();
		if (this.#willRetry) await this.#retries.open();
	}

	async receive(max: number, signal: AbortSignal): Promise<AmqpMessage[]> {
		const consumer = await this.#consumer.get();
		return consumer.take(max, signal);
	}

	ack({ acks, delivery }: AmqpMessage): Promise<void> {
		return acks.add(delivery.deliveryTag);
	}

	/**
	 * Back at its place where nothing has changed; else as a new message, which knows how often it has failed.
	 * @throws Error if that cannot be sent: then it is still here
	 */
	async retry(
		message: AmqpMessage,
		delayMs: number,
		attempts: number,
	): Promise<void> {
		if (delayMs <= 0 && attempts === message.attempts) {
			giveBack(message, true);
			return;
		}
		await this.#retries.put(message, delayMs, attempts);
		await this.ack(message);
	}

	/** The queue's dead-letter exchange gets it. Where it has none, the broker drops it; AMQP does not let us see that. */
	async deadLetter(message: AmqpMessage): Promise<void> {
		giveBack(message, false);
	}

	async lag(): Promise<number | undefined> {
		const consumer = await this.#consumer.current;
		if (consumer === undefined) return undefined;
		const counts = [consumer.count(), this.#retries.count()];
		const [ready = 0, waiting = 0] = await Promise.all(counts);
		return ready + waiting;
	}

	async close(): Promise<void> {
		this.#isClosed = true;
		await this.#retries.close(); // so that what was put there can be acknowledged
		await this.#consumer.close();
	}
}

function giveBack(message: AmqpMessage, requeue: boolean): void {
	const { deliveryTag } = message.delivery;
	message.channel.basicNack({ deliveryTag, requeue });
	message.acks.skip(deliveryTag);
}
