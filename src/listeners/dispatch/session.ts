import { pause } from "../../pause.ts";
import type { Source } from "../source.ts";
import { Dispatch, type DispatchOptions } from "./dispatch.ts";

/** After a failure a source is asked again after this, then after twice as long, */
const FIRST_WAIT_MS = 500;
/** and at last after this. */
const MAX_WAIT_MS = 15_000;
/** Whether an algorithm that cannot be run can be run is looked at so often. */
const LOOK_MS = 1000;

/** A listener while it has its source open: takes messages in as there is room for them, and keeps its hold on them. */
export class Session {
	readonly dispatch: Dispatch;
	readonly #source: Source;
	readonly #options: DispatchOptions;
	readonly #ending = new AbortController();
	readonly #taking: Promise<void>;
	readonly #heartbeat: NodeJS.Timeout | undefined;

	constructor(options: DispatchOptions) {
		this.#options = options;
		this.#source = options.source;
		this.dispatch = new Dispatch(options);
		this.#taking = this.#take();
		const { leaseMs } = this.#source;
		if (leaseMs !== undefined)
			this.#heartbeat = setInterval(() => void this.#extend(), leaseMs / 3);
	}

	/** Takes no more messages in; what runs may end. Resolves when all messages are settled or given back, and the source is closed. */
	async end(): Promise<void> {
		this.#ending.abort();
		await Promise.all([this.#taking, this.dispatch.stop()]);
		await this.abandon();
	}

	/** Lets go of the source at once, whatever still runs. */
	async abandon(): Promise<void> {
		this.#ending.abort();
		clearInterval(this.#heartbeat);
		await this.#source.close().catch(this.#options.onFault);
	}

	async #take(): Promise<void> {
		const { signal } = this.#ending;
		const { trouble } = this.#options;
		let waitMs = FIRST_WAIT_MS;
		while (!signal.aborted) {
			const { room } = this.dispatch;
			await room.available(signal);
			if (signal.aborted || !(await this.#canRun())) continue;
			try {
				const messages = await this.#source.receive(room.wanted || 1, signal);
				waitMs = FIRST_WAIT_MS;
				trouble.release("source");
				this.dispatch.take(messages);
			} catch (error) {
				if (signal.aborted) return;
				trouble.hold("source", (error as Error).message);
				await pause(waitMs, signal);
				waitMs = Math.min(2 * waitMs, MAX_WAIT_MS);
			}
		}
	}

	/** As long as the algorithm is not there, messages wait in the queue. */
	async #canRun(): Promise<boolean> {
		const { attempts, trouble } = this.#options;
		const fault = await attempts.fault();
		if (fault === undefined) {
			if (!this.dispatch.room.isBroken) trouble.release("algorithm");
			return true;
		}
		trouble.hold("algorithm", fault);
		await pause(LOOK_MS, this.#ending.signal);
		return false;
	}

	async #extend(): Promise<void> {
		const held = [...this.dispatch.inHand]
			.filter(({ isLost, isAcknowledged }) => !isLost && !isAcknowledged)
			.map(({ message }) => message);
		if (held.length === 0) return;
		// If it fails for long, the broker gives them to others; the next heartbeat may still be in time.
		await this.#source.extend?.(held).catch(() => {});
	}
}
