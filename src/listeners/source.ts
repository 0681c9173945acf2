import type { LetterError } from "./letter.ts";
import type { Message } from "./message.ts";

/**
 * Where a listener's messages come from: a queue, or a topic as one of its consumer groups. What is neither acknowledged
 * nor retried nor dead-lettered stays with the broker, which gives it again, here or elsewhere: at least once.
 *
 * All methods reject if the broker cannot be reached or refuses; none waits for long for a lost connection. After that
 * `receive` makes a new one.
 */
export interface Source<M extends Message = Message> {
	/** So many messages at most come together. */
	readonly maxReceive: number;
	/** The broker gives a message to others after so long, unless it is extended; absent: not while we are connected. */
	readonly leaseMs?: number;
	/**
	 * Waits for messages, for some seconds only: that it returned says that the broker is there.
	 * @param max at least 1
	 * @returns at most so many; none if none came, or the signal has aborted
	 */
	receive(max: number, signal: AbortSignal): Promise<M[]>;
	/** These are still being worked on. Where there is a lease. */
	extend?(messages: readonly M[]): Promise<void>;
	/** It is done: the broker forgets it. */
	ack(message: M): Promise<void>;
	/**
	 * Back to the broker, which gives it again after a delay. If it rejects, the message is still here. Absent where the broker
	 * cannot: then the listener keeps the message.
	 * @param attempts how often it has failed now
	 */
	retry?(message: M, delayMs: number, attempts: number): Promise<void>;
	/** What the broker itself does with a rejected message. Absent where it does nothing. */
	deadLetter?(message: M, attempts: number, error: LetterError): Promise<void>;
	/** How many messages wait there, about. */
	lag(): Promise<number | undefined>;
	/** Lets go of the connection, and of all messages that are still here. */
	close(): Promise<void>;
}

/** What a source tells without being asked. */
export interface SourceEvents {
	/** These are not ours any more: the broker has given them to somebody else, or will give them again. */
	lost(isLost: (message: Message) => boolean): void;
}

/** What a driver needs to know beside where its broker is. */
export interface SourceContext extends SourceEvents {
	/** Of the listener. */
	name: string;
	/** Messages that will be worked on at once. */
	concurrency: number;
	/** Whether many messages are best run together. */
	takesLists: boolean;
	/** Whether messages may be sent back to wait for another attempt. */
	willRetry: boolean;
}
