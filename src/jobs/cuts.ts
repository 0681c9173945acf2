import type { Cut } from "../items/cut.ts";
import { recut } from "../items/recut.ts";
import { Form } from "../protocol/frames.js";

const COMMA = Buffer.from(",");
const NEWLINE = Buffer.from("\n");

/**
 * Takes single items out of cuts, which are in order.
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
		if (cut.count === 1) {
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

/** Makes one cut of two, if the second follows the first and both can be run. */
export function join(first: Cut, second: Cut, form: number): Cut | undefined {
	const isNext = first.firstIndex + first.count === second.firstIndex;
	if (!isNext || first.fault || second.fault) return undefined;
	const separator = form === Form.LIST ? COMMA : NEWLINE;
	return {
		firstIndex: first.firstIndex,
		count: first.count + second.count,
		pieces: [...first.pieces, separator, ...second.pieces],
		bytes: first.bytes + separator.length + second.bytes,
		startByte: first.startByte,
		endByte: second.endByte,
	};
}

/** Joins what follows one another. */
export function joinAll(cuts: Iterable<Cut>, form: number): Cut[] {
	const joined: Cut[] = [];
	for (const cut of cuts) {
		const last = joined.at(-1);
		const both = last && join(last, cut, form);
		if (both) joined[joined.length - 1] = both;
		else joined.push(cut);
	}
	return joined;
}
