import type { Message as Received, SQS } from "@aws-sdk/client-sqs";
import type { SqsOptions } from "../../options.ts";
import { withoutOurs } from "./attributes.ts";
import { MAX_ENTRIES } from "./batches.ts";
import { connect, loadSdk } from "./client.ts";
import { QUEUE_ATTRIBUTE } from "./dead-letters.ts";
import { deletesFrom, leasesOn } from "./handles.ts";
import { poll } from "./poll.ts";
import { type DeadLetterQueue, deadLetterQueueOf } from "./redrive-policy.ts";
import { type Outgoing, Sender } from "./sender.ts";

/**
 * The messages of a queue's dead-letter queue go back into it as they first came. Those that get there meanwhile stay:
 * they may be what has just gone back, and failed again. So do those of other queues.
 *
 * Not by `StartMessageMoveTask`: that keeps what we added to them, and needs rights that a listener does not.
 *
 * @param onMoved told how many, by now
 * @returns how many
 * @throws Error: the queue has no redrive policy, SQS cannot be reached or refuses; what has moved by then stays moved
 */
export async function moveBack(
	options: SqsOptions,
	onMoved: (count: number) => void,
): Promise<number> {
	const { queueUrl } = options;
	const sqs = connect(await loadSdk(), options);
	try {
		const from = await deadLetterQueueOf(sqs, queueUrl);
		return await new Move(sqs, from, queueUrl).all(onMoved);
	} finally {
		sqs.destroy();
	}
}

class Move {
	readonly #sqs: SQS;
	readonly #from: DeadLetterQueue;
	readonly #to: string;
	readonly #beganAtMs = Date.now();
	/** Ids of those that stay, with their handles. */
	readonly #staying = new Map<string, string>();

	constructor(sqs: SQS, from: DeadLetterQueue, to: string) {
		this.#sqs = sqs;
		this.#from = from;
		this.#to = to;
	}

	/** Until nothing comes, or one of those that stay comes again: then all others have come too. */
	async all(onMoved: (count: number) => void): Promise<number> {
		const sender = new Sender(this.#sqs, this.#to);
		const deletes = deletesFrom(this.#sqs, this.#from.url);
		let count = 0;
		const move = async (message: Received) => {
			await sender.put(this.#asItCame(message));
			await deletes.add({ ReceiptHandle: message.ReceiptHandle ?? "" });
			count++;
		};
		try {
			for (;;) {
				const messages = await this.#receive();
				const isOver =
					messages.length === 0 ||
					messages.some(({ MessageId = "" }) => this.#staying.has(MessageId));
				await Promise.all(messages.filter((one) => !this.#keep(one)).map(move));
				onMoved(count);
				if (isOver) return count;
			}
		} finally {
			await Promise.all([sender.close(), deletes.close()]);
			await this.#giveBack();
		}
	}

	#receive(): Promise<Received[]> {
		return poll(this.#sqs, {
			url: this.#from.url,
			max: MAX_ENTRIES,
			leaseMs: 30_000, // ten messages are sent long before
			waitSeconds: 1, // SQS asks all of its servers only if it may wait
		});
	}

	/** @returns whether it stays where it is */
	#keep({ MessageId, ReceiptHandle, Attributes, MessageAttributes }: Received) {
		// The first is there if SQS has moved it, the other if we have.
		const queueArn =
			Attributes?.DeadLetterQueueSourceArn ??
			MessageAttributes?.[QUEUE_ATTRIBUTE]?.StringValue ??
			this.#from.queueArn;
		const isNew = Number(Attributes?.SentTimestamp) >= this.#beganAtMs;
		const stays = isNew || queueArn !== this.#from.queueArn;
		if (stays) this.#staying.set(MessageId ?? "", ReceiptHandle ?? "");
		return stays;
	}

	#asItCame({
		MessageId,
		Body,
		Attributes,
		MessageAttributes = {},
	}: Received): Outgoing {
		return {
			MessageBody: Body,
			MessageAttributes: withoutOurs(MessageAttributes),
			...(this.#to.endsWith(".fifo") && {
				MessageGroupId: Attributes?.MessageGroupId,
				// Not the first one: SQS may still know that, and would drop it.
				MessageDeduplicationId: MessageId,
			}),
		};
	}

	async #giveBack(): Promise<void> {
		const leases = leasesOn(this.#sqs, this.#from.url);
		// What fails is given again when its lease ends.
		await Promise.allSettled(
			[...this.#staying.values()].map((ReceiptHandle) =>
				leases.add({ ReceiptHandle, VisibilityTimeout: 0 }),
			),
		);
	}
}
