import { OWN_PIECE_BYTES } from "../protocol/frames.js";
import { PART_HEAD_BYTES } from "../protocol/slice-frames.js";
import type { Cut } from "./cut.ts";

/**
 * Bodies of any bytes as a cut of form PARTS. Large ones are pieces of their own and not copied; small ones are joined, since one
 * small write beats many. It is of no input, so `startByte` and `endByte` are 0.
 */
export function partsCut(firstIndex: number, bodies: readonly Buffer[]): Cut {
	let copiedBytes = 0;
	let bytes = 0;
	for (const { length } of bodies) {
		bytes += PART_HEAD_BYTES + length;
		copiedBytes += PART_HEAD_BYTES + (length < OWN_PIECE_BYTES ? length : 0);
	}
	const copied = Buffer.allocUnsafe(copiedBytes);
	const pieces: Buffer[] = [];
	let pieceAt = 0;
	let at = 0;
	for (const body of bodies) {
		at = copied.writeUInt32LE(body.length, at);
		if (body.length < OWN_PIECE_BYTES) at += body.copy(copied, at);
		else {
			pieces.push(copied.subarray(pieceAt, at), body);
			pieceAt = at;
		}
	}
	if (pieceAt < at) pieces.push(copied.subarray(pieceAt));
	return {
		firstIndex,
		count: bodies.length,
		pieces,
		bytes,
		startByte: 0,
		endByte: 0,
	};
}

/** How many bytes the first `count` parts take. @param pieces of a cut, none of which ends inside a length */
export function bytesOfParts(pieces: readonly Buffer[], count: number): number {
	let start = 0;
	let end = 0;
	let left = count;
	for (const piece of pieces) {
		for (; left > 0 && end < start + piece.length; left--)
			end += PART_HEAD_BYTES + piece.readUInt32LE(end - start);
		start += piece.length;
	}
	return end;
}
