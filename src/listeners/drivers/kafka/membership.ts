import { setTimeout as sleep } from "node:timers/promises";
import type { Consumer } from "@platformatic/kafka";
import type { KafkaSourceOptions } from "../../options.ts";
import { Assignment } from "./assignment.ts";
import { clientOptions, type Kafka } from "./client.ts";
import { Commits } from "./commits.ts";
import { refusal } from "./failure.ts";
import { Fetcher } from "./fetcher.ts";
import { Group } from "./group.ts";
import { GROUP_OPTIONS, JOIN_TIMEOUT_MS } from "./group-options.ts";
import type { Fetched, Partition } from "./partition.ts";
import { offsetsOf } from "./starts.ts";
import { Troubles } from "./troubles.ts";

const FETCH_TIMEOUT_MS = 10_000;
const CLOSE_MS = 5_000;

export interface MembershipEvents {
	/** There may be records to take, or trouble to tell of. */
	changed(): void;
	/** Partitions are not ours any more, and marked so. */
	lost(): void;
}

/** Our part of a topic, from joining the consumer group to leaving it. */
export class Membership {
	readonly troubles = new Troubles();
	/** It does not recover by itself. */
	isBroken = false;
	readonly #topic: string;
	/** In the group; its requests may wait for the other members. */
	readonly #member: Consumer;
	/** Reads, over connections of its own. */
	readonly #reader: Consumer;
	readonly #assignment: Assignment;
	readonly #group: Group;
	readonly #fetcher: Fetcher;
	readonly #commits: Commits;
	#turn = 0;
	#closed: Promise<void> | undefined;

	/** @throws Error: unreachable, refused, or no such topic */
	static async open(
		kafka: Kafka,
		options: KafkaSourceOptions,
		events: MembershipEvents,
	): Promise<Membership> {
		const common = {
			...(await clientOptions(options)),
			groupId: options.groupId,
		};
		const member = new kafka.Consumer({
			...common,
			...GROUP_OPTIONS,
			requestTimeout: JOIN_TIMEOUT_MS,
		});
		const reader = new kafka.Consumer({
			...common,
			requestTimeout: FETCH_TIMEOUT_MS,
		});
		const membership = new Membership(member, reader, options, events);
		try {
			membership.#assignment.known = await membership.#fetcher.refresh();
			await membership.#group.join();
			await membership.#assignment.started;
			return membership;
		} catch (error) {
			await membership.close();
			throw refusal("cannot read", options, error);
		}
	}

	private constructor(
		member: Consumer,
		reader: Consumer,
		options: KafkaSourceOptions,
		events: MembershipEvents,
	) {
		const { troubles } = this;
		this.#topic = options.topic;
		this.#member = member;
		this.#reader = reader;
		this.#assignment = new Assignment(member, reader, options, troubles, {
			gained: () => this.#fetcher.pump(),
			lost: events.lost,
		});
		const { partitions } = this.#assignment;
		this.#fetcher = new Fetcher(reader, options.topic, partitions, troubles, {
			fetched: events.changed,
			changed: (partition, isAnew) =>
				this.#assignment.restart(partition, isAnew),
			grown: () => void this.#group.rejoin(),
		});
		this.#group = new Group(member, options.topic, troubles, {
			rejoining: () => void this.#commits.flush(),
			assigned: (indexes) => this.#assignment.set(indexes),
			expelled: () => this.lose(),
			stalled: () => {
				this.isBroken = true;
				events.changed();
			},
		});
		this.#commits = new Commits(
			member,
			options.topic,
			partitions,
			troubles,
			() => this.#group.isSettled,
		);
	}

	/** At most so many, in turn from all partitions that have some. */
	take(max: number): (readonly [Partition, Fetched])[] {
		const ready = [...this.#assignment.partitions.values()].filter(
			({ waiting }) => waiting > 0,
		);
		const first = this.#turn++ % (ready.length || 1);
		const inTurn = [...ready.slice(first), ...ready.slice(0, first)];
		const taken: (readonly [Partition, Fetched])[] = [];
		for (const [i, partition] of inTurn.entries()) {
			const share = Math.ceil((max - taken.length) / (inTurn.length - i));
			for (const fetched of partition.take(share))
				taken.push([partition, fetched]);
		}
		this.#fetcher.pump();
		return taken;
	}

	/** How many records of our partitions are not done. */
	async lag(): Promise<number> {
		const ours = [...this.#assignment.partitions.values()];
		if (ours.length === 0) return 0;
		const indexes = ours.map(({ index }) => index);
		const ends = await offsetsOf(this.#reader, this.#topic, indexes, "latest");
		return ours.reduce(
			(sum, { index, watermark }) =>
				sum + Math.max(0, (ends.get(index) ?? 0) - watermark),
			0,
		);
	}

	/** Gives up all partitions, for us alone. */
	lose(): void {
		this.#assignment.lose();
	}

	/** Commits what is done and leaves the group. Takes a few seconds at most, and never rejects. */
	close(): Promise<void> {
		this.#closed ??= this.#close();
		return this.#closed;
	}

	async #close(): Promise<void> {
		this.#fetcher.close();
		this.#group.close();
		const end = new AbortController();
		const limit = sleep(CLOSE_MS, undefined, { signal: end.signal });
		await Promise.race([this.#leave(), limit]).catch(() => {});
		end.abort();
		limit.catch(() => {});
		for (const { connections } of [this.#member, this.#reader])
			for (const [, connection] of connections) connection.socket?.destroy();
	}

	async #leave(): Promise<void> {
		await this.#commits.close();
		await Promise.all([this.#member.close(true), this.#reader.close(true)]);
	}
}
