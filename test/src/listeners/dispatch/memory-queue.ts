import type { LetterError } from "../../../../src/listeners/letter.ts";
import type { Message } from "../../../../src/listeners/message.ts";
import type { Source } from "../../../../src/listeners/source.ts";

interface Queued extends Message {
	readonly delivery: number;
}

export interface MemoryQueueOptions {
	maxReceive?: number;
	leaseMs?: number;
	/** Whether it takes messages back for a while, as SQS does; else the listener keeps them, as with Kafka. */
	takesBack?: boolean;
	/** Whether it has a place of its own for rejected messages. */
	hasDeadLetters?: boolean;
}

/** A queue in memory that keeps the contract of a source, so that a test sees all that happens to its messages. */
export class MemoryQueue implements Source<Queued> {
	readonly maxReceive: number;
	readonly leaseMs?: number;
	retry?: NonNullable<Source<Queued>["retry"]>;
	deadLetter?: NonNullable<Source<Queued>["deadLetter"]>;
	readonly waiting: Queued[] = [];
	readonly acked: string[] = [];
	readonly dead: { id: string; attempts: number; error: LetterError }[] = [];
	readonly returned: { id: string; delayMs: number; attempts: number }[] = [];
	readonly extended = new Map<string, number>();
	/** What `receive` gave, call by call. */
	readonly received: string[][] = [];
	/** Makes calls fail, as if the connection were lost. */
	fault: Error | undefined;
	/** Makes it take nothing back. */
	retryFault: Error | undefined;
	isClosed = false;
	#deliveries = 0;
	#wake: (() => void) | undefined;

	constructor({
		maxReceive = 10,
		leaseMs,
		takesBack = true,
		hasDeadLetters = true,
	}: MemoryQueueOptions = {}) {
		this.maxReceive = maxReceive;
		if (leaseMs !== undefined) this.leaseMs = leaseMs;
		if (takesBack)
			this.retry = async (message, delayMs, attempts) => {
				this.#check();
				if (this.retryFault) throw this.retryFault;
				this.returned.push({ id: message.id, delayMs, attempts });
				setImmediate(() => this.send({ ...message, isRedelivered: true }));
			};
		if (hasDeadLetters)
			this.deadLetter = async ({ id }, attempts, error) => {
				this.#check();
				this.dead.push({ id, attempts, error });
			};
	}

	send(message: Partial<Message> & { id: string }): void {
		this.waiting.push({
			body: Buffer.from("null"),
			isRedelivered: false,
			attempts: 0,
			handedOn: { headers: {} },
			...message,
			delivery: ++this.#deliveries,
		});
		this.#wake?.();
	}

	async receive(max: number, signal: AbortSignal): Promise<Queued[]> {
		this.#check();
		if (this.waiting.length === 0)
			await new Promise<void>((resolve) => {
				this.#wake = resolve;
				signal.addEventListener("abort", () => resolve());
			});
		this.#check();
		const messages = signal.aborted ? [] : this.waiting.splice(0, max);
		this.received.push(messages.map(({ id }) => id));
		return messages;
	}

	async extend(messages: readonly Queued[]): Promise<void> {
		this.#check();
		for (const { id } of messages)
			this.extended.set(id, (this.extended.get(id) ?? 0) + 1);
	}

	async ack({ id }: Queued): Promise<void> {
		this.#check();
		this.acked.push(id);
	}

	async lag(): Promise<number> {
		return this.waiting.length;
	}

	async close(): Promise<void> {
		this.isClosed = true;
	}

	#check(): void {
		if (this.fault) throw this.fault;
	}
}
