import { setImmediate as turn } from "node:timers/promises";
import type { Channel } from "rabbitmq-client";

/**
 * Acknowledgements of one turn go to the broker together: as one, as far as all messages before are answered too. Quorum
 * queues are slow at many small ones, and forget those they have not come to when the channel closes.
 */
export class Acks {
	readonly #channel: Channel;
	/** All tags before it are answered. A channel counts its messages from 1. */
	#first = 1;
	/** Those answered from there on. */
	readonly #answered = new Set<number>();
	#tags: number[] = [];
	#sent: Promise<void> | undefined;

	constructor(channel: Channel) {
		this.#channel = channel;
	}

	/** Resolves when it is on its way. AMQP does not confirm it: if it gets lost, the message is given again. */
	add(tag: number): Promise<void> {
		this.#answered.add(tag);
		this.#tags.push(tag);
		this.#sent ??= turn().then(() => this.send());
		return this.#sent;
	}

	/** Of a message that was answered in another way. */
	skip(tag: number): void {
		this.#answered.add(tag);
	}

	/** @throws Error if the channel is gone */
	send(): void {
		const tags = this.#tags;
		this.#tags = [];
		this.#sent = undefined;
		while (this.#answered.delete(this.#first)) this.#first++;
		const together = tags.filter((tag) => tag < this.#first);
		// Must not name a message that is answered already: the broker would take it for all there are.
		const last = Math.max(...together);
		if (together.length > 0)
			this.#channel.basicAck({ deliveryTag: last, multiple: true });
		for (const deliveryTag of tags)
			if (deliveryTag >= this.#first) this.#channel.basicAck({ deliveryTag });
	}
}
