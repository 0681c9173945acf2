import { Form } from "../protocol/slice-frames.js";
import type { Cut } from "./cut.ts";
import { LineCutter } from "./line-cutter.ts";
import { ListCutter } from "./list-cutter.ts";
import { bytesOfParts } from "./parts.ts";

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
	const { pieces, bytes, nextAt } =
		form === Form.PARTS ? firstParts(cut, count) : scanFirst(cut, form, count);
	const { firstIndex, startByte, endByte } = cut;
	return {
		first: { firstIndex, count, pieces, bytes, startByte, endByte },
		rest: {
			firstIndex: firstIndex + count,
			count: cut.count - count,
			pieces: piecesBetween(cut.pieces, nextAt, cut.bytes),
			bytes: cut.bytes - nextAt,
			startByte,
			endByte,
		},
	};
}

interface FirstItems {
	pieces: readonly Buffer[];
	bytes: number;
	/** Where in the cut the next item begins. */
	nextAt: number;
}

function firstParts(cut: Cut, count: number): FirstItems {
	const bytes = bytesOfParts(cut.pieces, count);
	const pieces = piecesBetween(cut.pieces, 0, bytes);
	return { pieces, bytes, nextAt: bytes };
}

/** What follows need not be looked at: how many items it has is known. */
function scanFirst(cut: Cut, form: number, count: number): FirstItems {
	const Cutter = form === Form.LIST ? ListCutter : LineCutter;
	const cutter = new Cutter({
		maxItemBytes: Number.POSITIVE_INFINITY,
		startByte: INSIDE,
	});
	for (const piece of cut.pieces) cutter.push(piece);
	const first = cutter.take(count, Number.POSITIVE_INFINITY);
	if (first?.count !== count)
		throw new Error(`a cut of ${cut.count} items has fewer than ${count}`);
	const { pieces, bytes, endByte } = first;
	return { pieces, bytes, nextAt: endByte - INSIDE };
}

function piecesBetween(
	pieces: readonly Buffer[],
	from: number,
	to: number,
): Buffer[] {
	let start = 0;
	return pieces.flatMap((piece) => {
		const part = piece.subarray(
			Math.max(0, from - start),
			Math.max(0, to - start),
		);
		start += piece.length;
		return part.length > 0 ? [part] : [];
	});
}
