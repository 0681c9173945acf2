import type { Batch } from "./batch.ts";
import type { Call } from "./call.ts";
import { Slice } from "./slice.ts";

/**
 * The calls that a worker has and has not answered, in order. It has started the first of them; of the others
 * only the worker knows, until a recall has settled which it may still start (`turn.js`).
 */
export class SentCalls {
	/** All of them, if they run together. */
	batch: Batch | undefined;
	#calls: Call[] = [];
	#lastId = 0;
	#recalledUpTo = 0;
	#isGateClosed = false;
	#isRecalling = false;
	#onRecalled: (() => void)[] = [];

	get all(): readonly Call[] {
		return this.#calls;
	}

	get length(): number {
		return this.#calls.length;
	}

	/** The one that runs, unless it has ended and its outcome is on its way. */
	get first(): Call | undefined {
		return this.#calls[0];
	}

	/** The slice that runs: it is alone then. */
	get slice(): Slice | undefined {
		return this.first instanceof Slice ? this.first : undefined;
	}

	/** Whether some may not have started while others run. */
	get isGroup(): boolean {
		return this.#calls.length > 1 && !this.batch;
	}

	/** The one that the worker is not needed for until others have ended. */
	get waiting(): Call | undefined {
		if (this.batch) return this.batch.waiting;
		return this.first?.isWaiting ? this.first : undefined;
	}

	/** How deep in its tree the call is that runs; 0 if none does. */
	get depth(): number {
		return (this.waiting ?? this.first)?.depth ?? 0;
	}

	/** Whether the worker starts what it gets. */
	get isOpen(): boolean {
		return !this.#isGateClosed;
	}

	/** Whether a recall of this call is over. */
	hasRecalled(id: number): boolean {
		return !this.#isRecalling && id <= this.#recalledUpTo;
	}

	get isRecalling(): boolean {
		return this.#isRecalling;
	}

	find(id: number): Call | undefined {
		return this.#calls.find((call) => call.id === id);
	}

	/** Numbers them, counting up. */
	add(calls: readonly Call[]): void {
		for (const call of calls) call.id = ++this.#lastId;
		this.#calls.push(...calls);
	}

	/** @returns the call that has this outcome; nothing if it is not the next that can have one */
	take(id: number): Call | undefined {
		if (this.#calls[0]?.id !== id) return undefined;
		this.started(id);
		return this.#calls.shift();
	}

	/** The worker has started this call: it has opened the gate if it is a later one than those recalled. */
	started(id: number): void {
		if (id > this.#recalledUpTo) this.#isGateClosed = false;
	}

	/** Those of a batch, of which none has an outcome: it has started. A recall that has begun goes on. */
	takeBatch(): Call[] {
		this.started(this.#lastId);
		return this.#calls.splice(0);
	}

	takeAll(): Call[] {
		this.#endRecall();
		return this.#calls.splice(0);
	}

	/** A recall begins. @returns the last call that it is about */
	recall(): number {
		this.#isRecalling = true;
		this.#isGateClosed = true;
		this.#recalledUpTo = this.#lastId;
		return this.#lastId;
	}

	/** Resolves when the recall that has begun is over. */
	recalled(): Promise<void> {
		return new Promise((resolve) => this.#onRecalled.push(resolve));
	}

	/**
	 * The recall is over. Calls sent since it began are not meant by it.
	 * @param started the last call that the worker had started
	 * @returns those that it will never start
	 */
	takeBack(started: number): Call[] {
		const isBack = ({ id }: Call) => id > started && id <= this.#recalledUpTo;
		const back = this.#calls.filter(isBack);
		this.#calls = this.#calls.filter((call) => !isBack(call));
		if (started > this.#recalledUpTo) {
			// It came before the recall was heard: the gate is closed behind it.
			this.#recalledUpTo = started;
			this.#isGateClosed = true;
		}
		this.#endRecall();
		return back;
	}

	#endRecall(): void {
		this.#isRecalling = false;
		for (const resolve of this.#onRecalled.splice(0)) resolve();
	}
}
