import type { Cut } from "../items/cut.ts";
import { recut } from "../items/recut.ts";
import { Form } from "../protocol/slice-frames.js";

const COMMA = Buffer.from(",");
const NEWLINE = Buffer.from("\n");

/**
 * Takes items out of cuts, which are in order: single ones, or a cut of which all are wanted.
 * @param indexes ascending; those that no cut has are passed over
 * @param form one of Form: how their items stand
 */
export function* pick(
	cuts: readonly Cut[],
	indexes: readonly number[],
	form: number,
): Generator<Cut> {
	let at = 0;
	for (const cut of cuts) {
		const end = cut.firstIndex + cut.count;
		while (at < indexes.length && (indexes[at] as number) < cut.firstIndex)
			at++;
		if (at === indexes.length) return;
		if ((indexes[at] as number) >= end) continue;
		const isAll = indexes[at + cut.count - 1] === end - 1;
		if (isAll && indexes[at] === cut.firstIndex) {
			at += cut.count;
			yield cut;
			continue;
		}
		const items = recut(cut, form);
		for (let index = cut.firstIndex; index < end; index++) {
			const wanted = indexes[at];
			if (wanted === undefined || wanted >= end) break;
			if (wanted > index) items.take(wanted - index, Number.POSITIVE_INFINITY);
			index = wanted;
			at++;
			const item = items.take(1, Number.POSITIVE_INFINITY);
			if (item) yield item;
		}
	}
}

/** Makes one cut of several that follow one another. @returns `undefined` if they do not, or one cannot be run */
export function join(cuts: readonly Cut[], form: number): Cut | undefined {
	const [first] = cuts;
	if (!first || cuts.length === 1) return first;
	const separator = form === Form.LIST ? COMMA : NEWLINE;
	const pieces: Buffer[] = [];
	let count = 0;
	let bytes = 0;
	for (const cut of cuts) {
		if (cut.fault || cut.firstIndex !== first.firstIndex + count)
			return undefined;
		if (count > 0) pieces.push(separator);
		pieces.push(...cut.pieces);
		count += cut.count;
		bytes += cut.bytes + (count > cut.count ? separator.length : 0);
	}
	const { firstIndex, startByte } = first;
	const endByte = (cuts.at(-1) as Cut).endByte;
	return { firstIndex, count, pieces, bytes, startByte, endByte };
}

/** Joins what follows one another. */
export function joinRuns(cuts: Iterable<Cut>, form: number): Cut[] {
	const runs: Cut[][] = [];
	for (const cut of cuts) {
		const run = runs.at(-1);
		const last = run?.at(-1);
		const isNext =
			last !== undefined &&
			!last.fault &&
			!cut.fault &&
			last.firstIndex + last.count === cut.firstIndex;
		if (isNext) run?.push(cut);
		else runs.push([cut]);
	}
	return runs.map((run) => join(run, form) as Cut);
}
