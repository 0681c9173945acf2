import type { InHand } from "./in-hand.ts";

/** So many may wait for their next attempt here, where the broker cannot keep them. */
const MAX_PAUSING = 10_000;
/** With so much in hand nothing more is taken. */
const MAX_BYTES = 64 * 2 ** 20;
/** Shorter calls are worth having their messages here before there is room to run them; others should be free for other servers. */
const SHORT_MS = 100;
/** The weight of the newest call in the mean of their times. */
const NEWEST = 0.1;

/** How many messages a listener wants to have now. */
export class Room {
	/** No message can be run: one is enough to find out whether that has changed. */
	isBroken = false;
	readonly #concurrency: number;
	readonly #maxReceive: number;
	readonly #listSize: () => number;
	#count = 0;
	#pausing = 0;
	#bytes = 0;
	#callMs: number | undefined;
	#isClosed = false;
	#onChange: (() => void) | undefined;

	/** @param listSize how many are run together, now */
	constructor(concurrency: number, maxReceive: number, listSize: () => number) {
		this.#concurrency = concurrency;
		this.#maxReceive = maxReceive;
		this.#listSize = listSize;
	}

	/** How many are run together. */
	get listSize(): number {
		return this.#listSize();
	}

	/** 0: none now. */
	get wanted(): number {
		if (this.isBroken) return this.#count === 0 ? 1 : 0;
		const isFull = this.#bytes > MAX_BYTES || this.#pausing >= MAX_PAUSING;
		if (this.#isClosed || isFull) return 0;
		const isShort = this.#callMs !== undefined && this.#callMs < SHORT_MS;
		const running = this.#concurrency * this.listSize;
		const limit = running + (isShort ? 2 * this.#maxReceive : 0);
		const free = limit - (this.#count - this.#pausing);
		// Where calls are short a request for one message is a request wasted.
		const least = isShort ? Math.min(this.#maxReceive, limit) : 1;
		return free >= least ? Math.min(free, this.#maxReceive) : 0;
	}

	/** Resolves when there is room, or the signal has aborted. */
	async available(signal: AbortSignal): Promise<void> {
		const onAbort = () => this.#onChange?.();
		signal.addEventListener("abort", onAbort);
		while (this.wanted === 0 && !signal.aborted)
			await new Promise<void>((resolve) => {
				this.#onChange = resolve;
			});
		signal.removeEventListener("abort", onAbort);
	}

	add({ message }: InHand): void {
		this.#count++;
		this.#bytes += message.body.length;
	}

	remove(inHand: InHand): void {
		this.#count--;
		this.#bytes -= inHand.message.body.length;
		if (inHand.state === "pausing") this.#pausing--;
		this.#onChange?.();
	}

	/** It waits for its next attempt. */
	pause(): void {
		this.#pausing++;
		this.#onChange?.();
	}

	/** It does not any more. */
	resume(): void {
		this.#pausing--;
	}

	/** A call has taken so long. */
	took(ms: number): void {
		this.#callMs =
			this.#callMs === undefined
				? ms
				: this.#callMs + (ms - this.#callMs) * NEWEST;
		this.#onChange?.();
	}

	/** The server is busy: what would come now would only go back. */
	closeFor(ms: number): void {
		if (this.#isClosed) return;
		this.#isClosed = true;
		setTimeout(() => {
			this.#isClosed = false;
			this.#onChange?.();
		}, ms).unref();
	}
}
