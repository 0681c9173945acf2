import { Form } from "../protocol/frames.js";
import type { Cut } from "./cut.ts";
import { LineCutter } from "./line-cutter.ts";
import { ListCutter } from "./list-cutter.ts";

/** @returns the first `count` items of a cut, and the others; it has more than `count` */
export function splitCut(cut: Cut, form: number, count: number): [Cut, Cut] {
	const options = {
		maxItemBytes: Number.POSITIVE_INFINITY,
		firstIndex: cut.firstIndex,
		startByte: cut.startByte,
	};
	const cutter =
		form === Form.LIST ? new ListCutter(options) : new LineCutter(options);
	for (const piece of cut.pieces) cutter.push(piece);
	if (form === Form.LIST) cutter.push(CLOSED);
	cutter.finish();
	const first = cutter.take(count, Number.POSITIVE_INFINITY);
	const rest = cutter.take(cut.count - count, Number.POSITIVE_INFINITY);
	if (!first || !rest) throw new RangeError(`no ${count} items to split off`);
	return [first, rest];
}

const CLOSED = Buffer.from("]");
