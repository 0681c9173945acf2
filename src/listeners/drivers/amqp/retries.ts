import { createHash } from "node:crypto";
import type { AmqpSourceOptions } from "../../options.ts";
import type { AmqpMessage } from "./message.ts";
import { Renewed } from "./renewed.ts";
import { WaitingRoom } from "./waiting-room.ts";

/** How often it looks for messages that another server put there before it ended. */
const LOOK_MS = 5000;

/**
 * Messages that wait for their next attempt are in a queue beside their own. All servers of a listener put theirs there, and
 * bring back all whose time has come: AMQP knows no delay. That a broker moves them on by itself (`x-message-ttl`,
 * `x-dead-letter-exchange`) promises less: RabbitMQ 3.10 loses those whose time ends as it starts, from a classic queue to a
 * quorum queue; and it loses all of a quorum queue that was made less than 3 s before it is killed.
 */
export class Retries {
	readonly #room: Renewed<WaitingRoom>;
	#looks: NodeJS.Timeout | undefined;

	/** @param name of the listener */
	constructor({ url, queue }: AmqpSourceOptions, name: string) {
		const waiting = `applyd.${shortened(queue)}.retry`;
		this.#room = new Renewed((onEnd) =>
			new WaitingRoom(url, waiting, queue, onEnd).open(
				`applyd ${name} retries`,
			),
		);
	}

	/** Begins to bring messages back. A user who may not hears that when there is one to put there. */
	async open(): Promise<void> {
		this.#looks ??= setInterval(() => void this.#look(), LOOK_MS);
		await this.#look();
	}

	/**
	 * Resolves when it is stored.
	 * @param delayMs 0: it goes to the end of its own queue
	 */
	async put(
		message: AmqpMessage,
		delayMs: number,
		attempts: number,
	): Promise<void> {
		const room = await this.#room.get();
		await room.put(message, delayMs, attempts);
	}

	/** How many wait, about. */
	async count(): Promise<number> {
		return (await (await this.#room.current)?.count()) ?? 0;
	}

	async close(): Promise<void> {
		clearInterval(this.#looks);
		await this.#room.close();
	}

	async #look(): Promise<void> {
		try {
			(await this.#room.get()).fetch();
		} catch (error) {
			const cause = (error as Error).cause as NodeJS.ErrnoException | undefined;
			if (cause?.code === "ACCESS_REFUSED") clearInterval(this.#looks);
		}
	}
}

/** A queue's name has 255 bytes at most. */
const shortened = (name: string) =>
	Buffer.byteLength(name) <= 200
		? name
		: createHash("sha256").update(name).digest("hex");
