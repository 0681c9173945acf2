import { setTimeout as sleep } from "node:timers/promises";
import type { Consumer } from "@platformatic/kafka";
import { isGroupMoving, isGroupSettling } from "./failure.ts";
import { JOIN_TIMEOUT_MS } from "./group-options.ts";
import type { Troubles } from "./troubles.ts";

const RETRY_MS = 500;

export interface GroupEvents {
	/** We are about to rejoin: what is done must be committed now, before the request to join. */
	rejoining(): void;
	/** These partitions are ours; those that we have already, without a gap. */
	assigned(indexes: number[]): void;
	/** Others may have had our partitions meanwhile. */
	expelled(): void;
	stalled(): void;
}

/** Our place in the consumer group. It stays as long as the heartbeats do, however long calls run. */
export class Group {
	readonly #client: Consumer;
	readonly #topic: string;
	readonly #troubles: Troubles;
	readonly #events: GroupEvents;
	/** As whom and when partitions were last assigned to us. */
	#memberId: string | null = null;
	#generation = 0;
	#isClosed = false;

	constructor(
		client: Consumer,
		topic: string,
		troubles: Troubles,
		events: GroupEvents,
	) {
		this.#client = client;
		this.#topic = topic;
		this.#troubles = troubles;
		this.#events = events;
		client.topics.track(topic);
		client.on("consumer:group:rebalance", () => this.#rebalance());
		client.on("consumer:group:join", () => this.#joined());
		client.on("consumer:heartbeat:end", () =>
			troubles.end("stay in the group"),
		);
		client.on("consumer:heartbeat:error", ({ error }) =>
			troubles.begin("stay in the group", error),
		);
		client.on("consumer:heartbeat:stalled", () => events.stalled());
		client.on("error", () => void this.rejoin());
	}

	/** Whether the group is as it was when partitions were last assigned, as far as we know. */
	get isSettled(): boolean {
		const { memberId, generationId } = this.#client;
		return memberId === this.#memberId && generationId === this.#generation;
	}

	/** @throws Error: refused, or unreachable */
	async join(): Promise<void> {
		const end = performance.now() + JOIN_TIMEOUT_MS;
		for (;;)
			try {
				await this.#client.joinGroup({});
				return;
			} catch (error) {
				// Another one came at the same moment; or the broker has just started.
				const isPassing = isGroupMoving(error) || isGroupSettling(error);
				if (!isPassing || performance.now() > end) throw error;
				await sleep(RETRY_MS);
			}
	}

	/** Tries until it succeeds. */
	async rejoin(): Promise<void> {
		while (!this.#isClosed)
			try {
				await this.join();
				return;
			} catch (error) {
				this.#troubles.begin("stay in the group", error);
				await sleep(RETRY_MS);
			}
	}

	close(): void {
		this.#isClosed = true;
	}

	/** The group is to be shared anew; or it has been, and we must rejoin without what we lose. */
	#rebalance(): void {
		if (this.#isContinuous()) this.#events.rejoining();
		this.#assigned();
	}

	#joined(): void {
		this.#troubles.end("stay in the group");
		this.#assigned();
	}

	#assigned(): void {
		if (!this.#isContinuous()) this.#events.expelled();
		this.#memberId = this.#client.memberId;
		this.#generation = this.#client.generationId;
		const ours = this.#client.assignments?.find(
			({ topic }) => topic === this.#topic,
		);
		this.#events.assigned(ours?.partitions ?? []);
	}

	/**
	 * A partition goes to another member two generations after it is asked for, at the earliest: first its owner must
	 * have rejoined without it. So nobody has had ours if we have not missed a generation.
	 */
	#isContinuous(): boolean {
		const { memberId, generationId } = this.#client;
		return memberId === this.#memberId && generationId - this.#generation <= 1;
	}
}
