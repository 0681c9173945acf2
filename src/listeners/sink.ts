import type { Letter } from "./letter.ts";

/** Where results or dead letters go. */
export interface Sink {
	/**
	 * Resolves when it is there for good: it then survives the end of this server.
	 * @throws Undeliverable if it will never be taken; anything else if it may be, later
	 */
	put(letter: Letter): Promise<void>;
	/** Sends a letter to whoever waits for the answer to its message (`handedOn.replyTo`), where that can be. */
	answer?(letter: Letter): Promise<void>;
	/** Ids of messages whose letters were stored lately, by whomever, the newest last; where that can be known. */
	recentIds?(): Promise<Iterable<string>>;
	/** Stores what it still has. */
	close(): Promise<void>;
}

/** The letter itself is why it is not taken. `message` says so. */
export class Undeliverable extends Error {}
