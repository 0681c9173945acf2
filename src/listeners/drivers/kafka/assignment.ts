import type { Consumer } from "@platformatic/kafka";
import type { KafkaSourceOptions } from "../../options.ts";
import { commitStarts } from "./commits.ts";
import { Partition } from "./partition.ts";
import { offsetsOf, startPartitions } from "./starts.ts";
import type { Troubles } from "./troubles.ts";

const RETRY_MS = 500;

export interface AssignmentEvents {
	/** Partitions have become ours, or begin anew. */
	gained(): void;
	/** Partitions are not ours any more, and marked so. */
	lost(): void;
}

/** The partitions that are ours. */
export class Assignment {
	readonly partitions = new Map<number, Partition>();
	/** How many partitions the topic had when we came. */
	known = 0;
	/** Resolves when those that became ours last have begun, or could not at once. */
	started: Promise<void> = Promise.resolve();
	readonly #member: Consumer;
	readonly #reader: Consumer;
	readonly #options: KafkaSourceOptions;
	readonly #troubles: Troubles;
	readonly #events: AssignmentEvents;
	/** Ours as well, but where they begin is still to be found out; each with the attempt that does. */
	readonly #starting = new Map<number, object>();

	constructor(
		member: Consumer,
		reader: Consumer,
		options: KafkaSourceOptions,
		troubles: Troubles,
		events: AssignmentEvents,
	) {
		this.#member = member;
		this.#reader = reader;
		this.#options = options;
		this.#troubles = troubles;
		this.#events = events;
	}

	/** These are ours now, no others; what we have of them already goes on. */
	set(indexes: readonly number[]): void {
		this.lose((index) => !indexes.includes(index));
		const fresh = indexes.filter(
			(index) => !this.partitions.has(index) && !this.#starting.has(index),
		);
		if (fresh.length > 0) this.started = this.#start(fresh);
	}

	/** Gives up these partitions, or all. */
	lose(isLost: (index: number) => boolean = () => true): void {
		for (const index of this.#starting.keys())
			if (isLost(index)) this.#starting.delete(index);
		const lost = [...this.partitions.values()].filter((p) => isLost(p.index));
		for (const partition of lost) {
			partition.isLost = true;
			this.partitions.delete(partition.index);
		}
		if (lost.length > 0) this.#events.lost();
	}

	/**
	 * Begins a partition again whose log is not as we knew it, as another one.
	 * @param isAnew its topic was deleted and made anew; else only if the log has not what we want
	 */
	async restart(partition: Partition, isAnew: boolean): Promise<void> {
		const { topic, from } = this.#options;
		const { index, position, committed } = partition;
		const [first = 0, end = 0] = await Promise.all(
			(["earliest", "latest"] as const).map(async (which) =>
				(await offsetsOf(this.#reader, topic, [index], which)).get(index),
			),
		);
		const isThere = !isAnew && first <= position && position <= end;
		if (isThere) return;
		// What we wanted was deleted before we came to it.
		const isOvertaken = !isAnew && position < first;
		const start = isOvertaken || from === "earliest" ? first : end;
		const again = new Partition(index, start, isOvertaken ? committed : -1);
		if (again.isFirstRead) await commitStarts(this.#member, topic, [again]);
		if (partition.isLost) return;
		this.lose((one) => one === index);
		this.partitions.set(index, again);
		this.#events.gained();
	}

	/** Never rejects. Tries until they have begun or are lost. */
	async #start(indexes: number[], attempt: object = {}): Promise<void> {
		for (const index of indexes) this.#starting.set(index, attempt);
		const isWanted = (index: number) => this.#starting.get(index) === attempt;
		try {
			const started = await startPartitions(
				this.#member,
				this.#reader,
				this.#options,
				indexes,
				this.known,
			);
			const { topic } = this.#options;
			// Before a record is given out, so that it is known to be redelivered if it comes again.
			const first = started.filter((p) => p.isFirstRead && isWanted(p.index));
			await commitStarts(this.#member, topic, first);
			for (const partition of started.filter((p) => isWanted(p.index))) {
				this.#starting.delete(partition.index);
				this.partitions.set(partition.index, partition);
			}
			this.#troubles.end("learn where to begin");
			this.#events.gained();
		} catch (error) {
			this.#troubles.begin("learn where to begin", error);
			setTimeout(() => {
				const left = indexes.filter(isWanted);
				if (left.length > 0) void this.#start(left, attempt);
			}, RETRY_MS);
		}
	}
}
