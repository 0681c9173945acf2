import type { KafkaSourceOptions } from "../../options.ts";
import type { Source, SourceEvents } from "../../source.ts";
import { Changes } from "../changes.ts";
import { type Kafka, loadKafka } from "./client.ts";
import { failure } from "./failure.ts";
import { Membership } from "./membership.ts";
import { type KafkaMessage, toMessage } from "./record.ts";
import type { TroubleKind } from "./troubles.ts";

/** Nothing has come: the listener may want to look around. */
const IDLE_MS = 5_000;
const LOOK_MS = 500;
const LAG_MS = 1_000;

/**
 * Joins the consumer group of a topic. Messages are acknowledged by committing offsets, which say for each partition up to
 * where it is done: what was done beyond the first that is not comes again after a crash.
 * @throws Error: the package is not installed; unreachable, refused; no such topic
 */
export async function openSource(
	options: KafkaSourceOptions,
	events: SourceEvents,
): Promise<Source<KafkaMessage>> {
	const source = new KafkaSource(await loadKafka(), options, events);
	await source.open();
	return source;
}

class KafkaSource implements Source<KafkaMessage> {
	readonly maxReceive = 500;
	readonly #kafka: Kafka;
	readonly #options: KafkaSourceOptions;
	readonly #events: SourceEvents;
	#membership: Promise<Membership> | undefined;
	#isClosed = false;
	/** It has said so; when that is over it says so soon, even if nothing has come. */
	#isFailing = false;
	#lag: { at: number; count: Promise<number> } | undefined;
	readonly #changes = new Changes();

	constructor(kafka: Kafka, options: KafkaSourceOptions, events: SourceEvents) {
		this.#kafka = kafka;
		this.#options = options;
		this.#events = events;
	}

	open(): Promise<Membership> {
		if (this.#isClosed) throw new Error("the source is closed");
		this.#membership ??= Membership.open(this.#kafka, this.#options, {
			changed: () => this.#changes.tell(),
			lost: () =>
				this.#events.lost(
					(message) => (message as KafkaMessage).partition.isLost,
				),
		}).catch((error) => {
			this.#membership = undefined;
			throw error;
		});
		return this.#membership;
	}

	async receive(max: number, signal: AbortSignal): Promise<KafkaMessage[]> {
		const membership = await this.open();
		const end = performance.now() + IDLE_MS;
		while (!this.#isClosed && !signal.aborted) {
			if (membership.isBroken) await this.#drop(membership);
			this.#check(membership, "stay in the group");
			const taken = membership.take(max);
			if (taken.length > 0)
				return taken.map(([partition, fetched]) =>
					toMessage(this.#options, partition, fetched),
				);
			this.#check(membership);
			// What fails now passes or lasts: only then is it known what to say.
			const isOver = this.#isFailing || performance.now() >= end;
			if (isOver && !membership.troubles.any) break;
			await this.#changes.next(LOOK_MS, signal);
		}
		this.#isFailing = false;
		return [];
	}

	async ack({ partition, offset }: KafkaMessage): Promise<void> {
		partition.done(offset);
	}

	async lag(): Promise<number> {
		const now = performance.now();
		if (!this.#lag || now - this.#lag.at > LAG_MS)
			this.#lag = { at: now, count: this.#countLag() };
		return this.#lag.count;
	}

	async close(): Promise<void> {
		this.#isClosed = true;
		const membership = await this.#membership?.catch(() => undefined);
		await membership?.close();
		this.#changes.tell();
	}

	async #countLag(): Promise<number> {
		const membership = await this.open();
		return membership.lag().catch((error) => {
			throw failure("cannot count what waits", this.#options, error);
		});
	}

	/** @throws Error if something fails, and has for a while */
	#check({ troubles }: Membership, only?: TroubleKind): void {
		const trouble = troubles.lasting(only);
		if (!trouble) return;
		this.#isFailing = true;
		throw failure(`cannot ${trouble.what}`, this.#options, trouble.error);
	}

	async #drop(membership: Membership): Promise<never> {
		this.#membership = undefined;
		membership.lose();
		void membership.close();
		const reason = membership.troubles.any?.error ?? "stalled";
		throw failure("cannot go on", this.#options, reason);
	}
}
