import { Form } from "../protocol/slice-frames.js";
import type { Cut } from "./cut.ts";
import { LineCutter } from "./line-cutter.ts";
import { ListCutter } from "./list-cutter.ts";

/** Beyond an input's first byte: what a cut begins with is neither a byte order mark nor an array's bracket. */
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
	const first = cutter.take(count, Number.POSITIVE_INFINITY);
	if (first?.count !== count)
		throw new Error(`a cut of ${cut.count} items has fewer than ${count}`);
	// What follows need not be looked at: how many items it has is known.
	const firstBytes = first.endByte - INSIDE;
	return {
		first: { ...first, startByte, endByte },
		rest: {
			firstIndex: firstIndex + count,
			count: cut.count - count,
			pieces: piecesFrom(cut.pieces, firstBytes),
			bytes: cut.bytes - firstBytes,
			startByte,
			endByte,
		},
	};
}

/** What stands behind so many bytes. */
function piecesFrom(pieces: readonly Buffer[], bytes: number): Buffer[] {
	let passed = 0;
	return pieces.flatMap((piece) => {
		const from = Math.max(0, bytes - passed);
		passed += piece.length;
		return from < piece.length ? [piece.subarray(from)] : [];
	});
}
