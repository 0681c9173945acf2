import { AlgoError } from "../errors.ts";
import type { Cut, Cutter } from "../items/cut.ts";
import type { ShardRange } from "../store/shards.ts";
import type { Cutting, Position } from "./cutting.ts";
import type { JobInput } from "./job-input.ts";

/** A shard's input is no larger, unless it is one item. */
const MAX_SHARD_BYTES = 8 * 2 ** 20;
/** Nor a cut of it. */
const MAX_CUT_BYTES = 2 ** 20;

/** A shard with its items. */
export interface CutShard {
	range: ShardRange;
	cuts: Cut[];
	/** Nothing follows. */
	isLast: boolean;
}

/** Cuts an input into shards, from a position on, once. */
export class Reader {
	readonly #input: JobInput;
	readonly #cutting: Cutting;
	readonly #from: Position;
	#cutter: Cutter | undefined;
	/** Up to here the cutter has been given the input. */
	#pushed: number;
	#isFinished = false;
	/** The input goes wrong behind what has been cut. */
	#failure: unknown;

	constructor(input: JobInput, cutting: Cutting, from: Position) {
		this.#input = input;
		this.#cutting = cutting;
		this.#from = from;
		this.#pushed = from.startByte;
	}

	/**
	 * @returns the next items, so many at most; `undefined`: there are none any more
	 * @throws AlgoError as `JobInput.read`; BAD_REQUEST: the input is not of its format
	 */
	async next(
		maxItems: number,
		itemsInCut: number,
	): Promise<CutShard | undefined> {
		if (this.#failure) {
			const failure = this.#failure;
			this.#failure = undefined; // to be tried again, if it was a disk's or a network's
			throw failure;
		}
		const cutter = await this.#begin();
		const cuts: Cut[] = [];
		try {
			await this.#gather(cutter, cuts, maxItems, itemsInCut);
		} catch (error) {
			if (cuts.length === 0) throw error;
			this.#failure = error;
		}
		return cuts.length > 0 ? shardOf(cuts, cutter.isDone) : undefined;
	}

	async #begin(): Promise<Cutter> {
		this.#cutter ??= await this.#cutting.cutterAt(this.#from);
		return this.#cutter;
	}

	async #gather(
		cutter: Cutter,
		cuts: Cut[],
		maxItems: number,
		itemsInCut: number,
	): Promise<void> {
		let count = 0;
		let bytes = 0;
		while (count < maxItems) {
			const room = Math.min(MAX_CUT_BYTES, MAX_SHARD_BYTES - bytes);
			if (count > 0 && room <= 0) break;
			const cut = cutter.take(
				Math.min(itemsInCut, maxItems - count),
				Math.max(1, room),
			);
			if (cut) {
				cuts.push(...(await this.#cutting.runnable(cut, cutter)));
				count += cut.count;
				bytes += cut.bytes;
			} else if (!(await this.#readOn(cutter))) break;
		}
	}

	/** @returns false at the end */
	async #readOn(cutter: Cutter): Promise<boolean> {
		if (this.#isFinished) return false;
		const chunk = await this.#input.read(this.#pushed);
		if (chunk) {
			cutter.push(chunk);
			this.#pushed += chunk.length;
		} else {
			cutter.finish();
			this.#isFinished = true;
		}
		return true;
	}
}

function shardOf(cuts: Cut[], isLast: boolean): CutShard {
	const first = cuts[0] as Cut;
	const last = cuts.at(-1) as Cut;
	return {
		range: {
			firstIndex: first.firstIndex,
			count: last.firstIndex + last.count - first.firstIndex,
			startByte: first.startByte,
			endByte: last.endByte,
		},
		cuts,
		isLast,
	};
}

/** @returns the items of a shard that has been cut before @throws Error: they are not there */
export async function readRange(
	input: JobInput,
	cutting: Cutting,
	{ firstIndex, count, startByte }: ShardRange,
): Promise<Cut[]> {
	const reader = new Reader(input, cutting, { firstIndex, startByte });
	const cuts: Cut[] = [];
	for (let left = count; left > 0; ) {
		const next = await reader.next(left, Math.ceil(count / 32));
		if (!next)
			throw new AlgoError(
				"BAD_REQUEST",
				`the input ends before item ${firstIndex + count - 1}, which was there; make the job again`,
			);
		cuts.push(...next.cuts);
		left -= next.range.count;
	}
	return cuts;
}
