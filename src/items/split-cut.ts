import { Form } from "../protocol/frames.js";
import type { Cut } from "./cut.ts";
import { LineCutter } from "./line-cutter.ts";
import { ListCutter } from "./list-cutter.ts";

const END = Buffer.from("]");
/** Beyond an input's first byte: what a cut begins with is neither a byte order mark nor the array's bracket. */
const INSIDE = 1;

/**
 * The first `count` items of a cut, and the others. Where they meet in the input is not known any more: both have the
 * whole cut's `startByte` and `endByte`.
 * @param form one of Form: how its items stand
 */
export function splitCut(
	cut: Cut,
	form: number,
	count: number,
): { first?: Cut; rest?: Cut } {
	if (count <= 0) return { rest: cut };
	if (count >= cut.count) return { first: cut };
	const { firstIndex, startByte, endByte } = cut;
	const Cutter = form === Form.LIST ? ListCutter : LineCutter;
	const cutter = new Cutter({
		maxItemBytes: Number.POSITIVE_INFINITY,
		firstIndex,
		startByte: INSIDE,
	});
	for (const piece of cut.pieces) cutter.push(piece);
	if (form === Form.LIST) cutter.push(END);
	cutter.finish();
	const [first, rest] = [count, cut.count - count].map((items) => {
		const part = cutter.take(items, Number.POSITIVE_INFINITY);
		if (part?.count !== items)
			throw new Error(`a cut of ${cut.count} items has fewer`);
		return { ...part, startByte, endByte };
	}) as [Cut, Cut];
	return { first, rest };
}
