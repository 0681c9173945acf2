import { Form } from "../protocol/slice-frames.js";
import type { Cut, Cutter } from "./cut.ts";
import { LineCutter } from "./line-cutter.ts";
import { ListCutter } from "./list-cutter.ts";

const END = Buffer.from("]");
/** Beyond an input's first byte: what a cut begins with is neither a byte order mark nor the array's bracket. */
const INSIDE = 1;

/**
 * Cuts a cut again, into smaller ones. Where they stand in the input is not known any more.
 * @param form LIST or LINES: how its items stand
 */
export function recut(cut: Cut, form: number): Cutter {
	const options = {
		maxItemBytes: Number.POSITIVE_INFINITY,
		firstIndex: cut.firstIndex,
		startByte: INSIDE,
	};
	const cutter =
		form === Form.LIST ? new ListCutter(options) : new LineCutter(options);
	for (const piece of cut.pieces) cutter.push(piece);
	if (form === Form.LIST) cutter.push(END);
	cutter.finish();
	return cutter;
}
