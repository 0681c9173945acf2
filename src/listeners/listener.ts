import type { ListenerChange } from "../events.ts";
import { aborted, pause } from "../pause.ts";
import { readRef } from "../registry/ref.ts";
import { Attempts } from "./dispatch/attempts.ts";
import type { DispatchOptions } from "./dispatch/dispatch.ts";
import { Insist } from "./dispatch/insist.ts";
import { Numbers } from "./dispatch/numbers.ts";
import { Seen } from "./dispatch/seen.ts";
import { Session } from "./dispatch/session.ts";
import { Trouble } from "./dispatch/trouble.ts";
import { openSource } from "./drivers/drivers.ts";
import type { ListenerHouse } from "./house.ts";
import type { ListenerOptions } from "./options.ts";
import { Places } from "./places.ts";
import { redrive } from "./redrive.ts";
import type { Sink } from "./sink.ts";
import type { Source } from "./source.ts";

/** What cannot be opened is tried again after this, then after twice as long, */
const FIRST_WAIT_MS = 1000;
/** and at last after this. */
const MAX_WAIT_MS = 30_000;
/** How many messages wait is asked no more often. */
const LAG_MS = 5000;
/** and who looks at the listener waits no longer for the answer. */
const LAG_WAIT_MS = 1000;

/** A listener as its callers see it (interface §7). */
export interface ListenerView {
	name: string;
	algorithm: string;
	status: "running" | "paused" | "failing";
	/** Messages in hand. */
	inFlight: number;
	succeeded: number;
	failed: number;
	retried: number;
	dead: number;
	/** Messages that wait at the broker, about. */
	lag?: number;
	/** Seconds since the oldest message in hand was sent. */
	oldestSeconds?: number;
	/** Why it is failing. */
	error?: string;
}

/** One listener: opens what it needs, again and again if need be, and runs as long as it is not paused. */
export class Listener {
	readonly options: ListenerOptions;
	readonly #house: ListenerHouse;
	readonly #attempts: Attempts;
	readonly #numbers = new Numbers();
	readonly #seen = new Seen();
	readonly #trouble: Trouble;
	readonly #ending = new AbortController();
	#open: { session: Session; source: Source } | undefined;
	#lag: { value?: Promise<number | undefined>; at: number } = {
		at: Number.NEGATIVE_INFINITY,
	};
	#pausing: AbortController;
	#onResume: (() => void) | undefined;
	#living: Promise<void> | undefined;

	constructor(
		options: ListenerOptions,
		house: ListenerHouse,
		isPaused: boolean,
	) {
		this.options = options;
		this.#house = house;
		this.#attempts = new Attempts({
			...house,
			algorithm: refOf(options.algorithm),
			caller: house.callerOf(options.account),
			timeoutMs: options.timeoutSeconds * 1000,
		});
		this.#pausing = new AbortController();
		if (isPaused) this.#pausing.abort();
		this.#trouble = new Trouble((reason) => {
			if (reason === undefined) this.#tell("running");
			else this.#tell("failing", reason);
		});
	}

	get isPaused(): boolean {
		return this.#pausing.signal.aborted;
	}

	get numbers(): Readonly<Numbers> {
		return this.#numbers;
	}

	start(): void {
		this.#tell(this.isPaused ? "paused" : "running");
		this.#living ??= this.#live();
	}

	/** Takes no more messages; those that run end. What has been received and does not run goes back. */
	pause(): void {
		if (this.isPaused) return;
		this.#pausing.abort();
		this.#tell("paused");
	}

	resume(): void {
		if (!this.isPaused) return;
		this.#pausing = new AbortController();
		this.#tell("running");
		this.#onResume?.();
	}

	/**
	 * Sends its dead letters back to its source.
	 * @returns how many
	 * @throws AlgoError, Error as `redrive`
	 */
	redrive(): Promise<number> {
		return redrive(this.options, this.#house, (id) => this.#seen.delete(id));
	}

	/** Resolves when all is ended. @param graceMs how long what runs may go on; what still runs then is given back by the broker */
	async end(graceMs: number): Promise<void> {
		this.#ending.abort();
		this.#onResume?.();
		const ended = new AbortController();
		await Promise.race([this.#living, pause(graceMs, ended.signal)]);
		ended.abort();
		await this.#open?.session.abandon();
		this.#tell("ended");
	}

	async view(): Promise<ListenerView> {
		const { name, algorithm } = this.options;
		const { succeeded, failed, retried, dead } = this.#numbers;
		const error = this.#trouble.reason;
		const lag = await this.#askLag();
		const inHand = [...(this.#open?.session.dispatch.inHand ?? [])];
		const sentAt = inHand.flatMap(({ message }) => message.sentAtMs ?? []);
		const oldestMs = Date.now() - Math.min(...sentAt);
		return {
			name,
			algorithm,
			status: this.isPaused
				? "paused"
				: error === undefined
					? "running"
					: "failing",
			inFlight: inHand.length,
			succeeded,
			failed,
			retried,
			dead,
			...(lag !== undefined && { lag }),
			...(sentAt.length > 0 && { oldestSeconds: Math.max(0, oldestMs / 1000) }),
			...(error !== undefined && { error }),
		};
	}

	async #live(): Promise<void> {
		const { signal } = this.#ending;
		while (!signal.aborted) {
			if (this.isPaused)
				await new Promise<void>((resolve) => {
					this.#onResume = resolve;
				});
			if (signal.aborted) return;
			try {
				await this.#run(AbortSignal.any([signal, this.#pausing.signal]));
			} catch (error) {
				this.#fault(error);
				await pause(FIRST_WAIT_MS, signal);
			}
		}
	}

	/** From opening to closing. @param until the listener ends, or is paused */
	async #run(until: AbortSignal): Promise<void> {
		const places = await this.#insist(() => this.#openPlaces(), until);
		const source =
			places && (await this.#insist(() => this.#openSource(), until));
		if (source) {
			this.#trouble.clear();
			const session = new Session(this.#sessionOptions(places, source, until));
			this.#open = { session, source };
			await aborted(until);
			await session.end();
			this.#open = undefined;
		}
		await places?.close().catch((error) => this.#fault(error));
	}

	async #openPlaces(): Promise<Places> {
		const places = await Places.open(this.options, this.#house);
		try {
			for await (const id of places.recentIds()) this.#seen.add(id);
		} catch (error) {
			this.#fault(error); // what was stored before a kill may then be stored again
		}
		return places;
	}

	#openSource(): Promise<Source> {
		const { name, source, concurrency } = this.options;
		return openSource(source, {
			name,
			concurrency,
			takesLists: this.#attempts.takesLists ?? false,
			willRetry: true,
			lost: (isLost) => this.#open?.session.dispatch.lost(isLost),
		});
	}

	#sessionOptions(
		{ results, deadLetters }: Places,
		source: Source,
		until: AbortSignal,
	): DispatchOptions {
		const { name } = this.options;
		const { events } = this.#house;
		const insist = (spot: "results" | "dead letters", sink?: Sink) =>
			sink && new Insist(spot, sink, this.#trouble, until);
		return {
			rules: this.options,
			source,
			attempts: this.#attempts,
			results: insist("results", results),
			deadLetters: insist("dead letters", deadLetters),
			seen: this.#seen,
			numbers: this.#numbers,
			trouble: this.#trouble,
			name,
			onMessage: (event) => events.emit("message", event),
			onFault: (error) => this.#fault(error),
		};
	}

	/** @returns nothing if the listener ends or is paused before */
	async #insist<T>(
		open: () => Promise<T>,
		until: AbortSignal,
	): Promise<T | undefined> {
		for (let waitMs = FIRST_WAIT_MS; !until.aborted; waitMs *= 2) {
			try {
				const opened = await open();
				this.#trouble.release("source");
				return opened;
			} catch (error) {
				this.#trouble.hold("source", (error as Error).message);
			}
			await pause(Math.min(waitMs, MAX_WAIT_MS), until);
		}
		return undefined;
	}

	async #askLag(): Promise<number | undefined> {
		const now = performance.now();
		const source = this.#open?.source;
		if (source && now - this.#lag.at > LAG_MS)
			this.#lag = { at: now, value: source.lag().catch(() => undefined) };
		if (!source) return undefined;
		const late = aborted(AbortSignal.timeout(LAG_WAIT_MS));
		return Promise.race([this.#lag.value, late.then(() => undefined)]);
	}

	#fault(error: unknown): void {
		const where = `listener ${this.options.name}`;
		this.#house.events.emit("fault", { where, error });
	}

	#tell(change: ListenerChange, reason?: string): void {
		const { name } = this.options;
		this.#house.events.emit("listener", {
			listener: name,
			change,
			...(reason !== undefined && { reason }),
		});
	}
}

function refOf(algorithm: string) {
	const ref = readRef(algorithm);
	if (!ref) throw new Error(`${algorithm} names no algorithm`);
	return ref;
}
