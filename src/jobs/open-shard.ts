import type { Cut } from "../items/cut.ts";
import type { ItemOutcomes } from "../runners/slice.ts";
import type { ClaimedShard, ShardRange } from "../store/shards.ts";
import { joinRuns, pick } from "./cuts.ts";
import {
	errorOf,
	type Failure,
	failureLines,
	mayBeTriedAgain,
} from "./failures.ts";
import { Feed } from "./feed.ts";
import { Segments } from "./segments.ts";

/** How the items of a job are run. */
export interface ItemRules {
	/** One of Form. */
	form: number;
	/** One of InputKind. */
	inputKind: number;
	/** Tries of an item in all. */
	maxAttempts: number;
}

/** Before the second try; twice as long before each later one. */
const RETRY_MS = 1000;
const MAX_RETRY_MS = 60_000;

interface Retry {
	cuts: Cut[];
	/** On the clock of performance.now(). */
	dueAt: number;
}

/** What can be stored of a shard: all of it, or its first items. */
export interface DoneShard {
	shard: ClaimedShard;
	outcomes: readonly Buffer[];
	/** Of the failed ones; it takes a while to write them. */
	failures(): Iterable<Buffer>;
	succeeded: number;
	failed: number;
	rest: ShardRange | undefined;
	/** To be waited for before the store is told. */
	before: Promise<unknown> | undefined;
	/** What it holds in memory. */
	bytes: number;
}

/** A shard that is being run: which of its items wait, and what has become of the others. */
export class OpenShard {
	readonly shard: ClaimedShard;
	/** When its first item was given away, on the clock of performance.now(); 0 before. */
	startedAt: number;
	/** Whether it is known how long its items took. */
	isTimed: boolean;
	/** That the shard is stored whose rest it is. */
	before: Promise<unknown> | undefined;
	readonly #rules: ItemRules;
	readonly #cuts: readonly Cut[];
	readonly #inputBytes: number;
	#feed: Feed;
	#retries: Retry[] = [];
	/** Failed tries of items that are not over. */
	readonly #tries = new Map<number, number>();
	#outcomes = new Segments();
	#failures: Failure[] = [];

	/**
	 * @param cuts its items; of a shard that is run again those that had failed
	 * @param outcomes that it has already
	 */
	constructor(
		shard: ClaimedShard,
		cuts: readonly Cut[],
		rules: ItemRules,
		{ outcomes = new Segments(), startedAt = 0 } = {},
	) {
		this.shard = shard;
		this.startedAt = startedAt;
		this.isTimed = shard.stored !== null;
		this.#cuts = cuts;
		this.#inputBytes = cuts.reduce((sum, { bytes }) => sum + bytes, 0);
		this.#rules = rules;
		this.#feed = new Feed(cuts, rules.form);
		this.#outcomes = outcomes;
	}

	get isFed(): boolean {
		return this.#feed.isEmpty;
	}

	get isDone(): boolean {
		return this.#outcomes.count === this.shard.count;
	}

	/** Whether each item has run once at least. */
	get hasRun(): boolean {
		return this.#outcomes.count + this.#tries.size === this.shard.count;
	}

	get failed(): number {
		return this.#failures.length;
	}

	/** What it holds in memory. */
	get bytes(): number {
		return this.#outcomes.bytes + this.#inputBytes;
	}

	get outcomeBytes(): number {
		return this.#outcomes.bytes;
	}

	/** When the next item is due that is tried again; infinite if none waits for that. */
	get dueAt(): number {
		return Math.min(
			Number.POSITIVE_INFINITY,
			...this.#retries.map(({ dueAt }) => dueAt),
		);
	}

	has(index: number): boolean {
		const { firstIndex, count } = this.shard;
		return index >= firstIndex && index < firstIndex + count;
	}

	next(maxItems: number, maxBytes: number, now: number): Cut | undefined {
		const again = this.#retries.findIndex(({ dueAt }) => dueAt <= now);
		if (again >= 0 && this.#feed.isEmpty) {
			const [retry] = this.#retries.splice(again, 1) as [Retry];
			this.#feed = new Feed(retry.cuts, this.#rules.form);
		}
		const cut = this.#feed.take(maxItems, maxBytes);
		if (cut && this.startedAt === 0) this.startedAt = now;
		return cut;
	}

	/** Items that failed and may be tried again have no outcome yet. */
	take(
		{ firstIndex, count, failed, lengths, text }: ItemOutcomes,
		now: number,
	): void {
		if (failed === 0) {
			this.#outcomes.add({ firstIndex, count, text });
			return;
		}
		const again: number[] = [];
		let from = 0;
		let textFrom = 0;
		let textAt = 0;
		const addBefore = (item: number) =>
			this.#outcomes.add({
				firstIndex: firstIndex + from,
				count: item - from,
				text: text.subarray(textFrom, textAt),
			});
		for (let item = 0; item < count; item++) {
			const length = lengths[item] as number;
			const end = textAt + (length >>> 1);
			const isOver =
				(length & 1) === 0 ||
				this.#isLastTry(firstIndex + item, text.subarray(textAt, end));
			if (!isOver) {
				again.push(firstIndex + item);
				addBefore(item);
				from = item + 1;
				textFrom = end;
			}
			textAt = end;
		}
		addBefore(count);
		if (again.length > 0) this.#tryAgain(again, now);
	}

	/** The items that were given away and have no outcome wait again. */
	takeBack(): void {
		const { firstIndex, count } = this.shard;
		const waiting = this.#retries.flatMap(({ cuts }) => cuts);
		const isWaiting = (index: number) =>
			waiting.some(
				(cut) => index >= cut.firstIndex && index < cut.firstIndex + cut.count,
			);
		const indexes: number[] = [];
		for (const gap of this.#outcomes.gaps(firstIndex, firstIndex + count))
			for (let index = gap.from; index < gap.to; index++)
				if (waiting.length === 0 || !isWaiting(index)) indexes.push(index);
		this.#feed = new Feed(this.#items(indexes), this.#rules.form);
	}

	/** All of it, once it is done. */
	whole(): DoneShard {
		return this.#done(this.#outcomes, this.#failures, undefined);
	}

	/**
	 * Parts it where all before has outcomes. The parts share what they have; this one is of no use any more.
	 * @returns `undefined` if no part of it can stand alone
	 */
	part(now: number): { done: DoneShard; rest: OpenShard } | undefined {
		const { firstIndex, count, endByte, stored } = this.shard;
		if (stored !== null) return undefined;
		const gap = this.#outcomes.firstGap(firstIndex);
		const at = this.#cuts.findLastIndex(
			(cut, i) =>
				cut.firstIndex <= gap &&
				cut.startByte >=
					(this.#cuts[i - 1]?.endByte ?? Number.POSITIVE_INFINITY),
		);
		const cut = this.#cuts[at];
		if (!cut) return undefined;
		const range = {
			firstIndex: cut.firstIndex,
			count: firstIndex + count - cut.firstIndex,
			startByte: cut.startByte,
			endByte,
		};
		const isBefore = ({ index }: Failure) => index < range.firstIndex;
		const done = this.#done(
			this.#outcomes.takeBefore(range.firstIndex),
			this.#failures.filter(isBefore),
			range,
		);
		const rest = new OpenShard(
			{ ...range, claims: 1, stored: null, succeeded: 0 },
			this.#cuts.slice(at),
			this.#rules,
			{ outcomes: this.#outcomes, startedAt: now },
		);
		rest.isTimed = this.isTimed;
		rest.#feed = this.#feed;
		rest.#retries = this.#retries;
		rest.#failures = this.#failures.filter((failure) => !isBefore(failure));
		for (const [index, tries] of this.#tries) rest.#tries.set(index, tries);
		return { done, rest };
	}

	#done(
		outcomes: Segments,
		failures: Failure[],
		rest: ShardRange | undefined,
	): DoneShard {
		failures.sort((a, b) => a.index - b.index);
		return {
			shard: this.shard,
			outcomes: outcomes.texts,
			failures: () => failureLines(failures, this.#cuts, this.#rules),
			succeeded: outcomes.count - failures.length,
			failed: failures.length,
			rest,
			before: this.before,
			bytes: outcomes.bytes + this.#inputBytes,
		};
	}

	/** @param line of an item that has failed */
	#isLastTry(index: number, line: Buffer): boolean {
		const error = errorOf(line);
		const tries = (this.#tries.get(index) ?? 0) + 1;
		if (tries < this.#rules.maxAttempts && mayBeTriedAgain(error)) {
			this.#tries.set(index, tries);
			return false;
		}
		this.#tries.delete(index);
		this.#failures.push({ index, error });
		return true;
	}

	#tryAgain(indexes: readonly number[], now: number): void {
		const tries = Math.max(...indexes.map((i) => this.#tries.get(i) ?? 1));
		const delayMs = Math.min(RETRY_MS * 2 ** (tries - 1), MAX_RETRY_MS);
		// Not all at the same moment: what they failed for may be that they came together.
		const dueAt = now + delayMs * (1 + Math.random() / 4);
		this.#retries.push({ cuts: this.#items(indexes), dueAt });
	}

	#items(indexes: readonly number[]): Cut[] {
		const { form } = this.#rules;
		return joinRuns(pick(this.#cuts, indexes, form), form);
	}
}
