import { AlgoError } from "../errors.ts";
import type { ByteRange, Part } from "./driver.ts";

/**
 * The part of an object that a range means; the whole without one.
 * @throws AlgoError RANGE_NOT_SATISFIABLE if it begins behind the end (RFC 9110 §14.1.2)
 */
export function partOf(totalBytes: number, range?: ByteRange): Part {
	const end = totalBytes - 1;
	if (range === undefined) return { firstByte: 0, lastByte: end };
	if ("suffixBytes" in range) {
		if (range.suffixBytes === 0 || totalBytes === 0)
			throw rangeNotSatisfiable(totalBytes);
		return {
			firstByte: Math.max(0, totalBytes - range.suffixBytes),
			lastByte: end,
		};
	}
	if (range.firstByte > end) throw rangeNotSatisfiable(totalBytes);
	return {
		firstByte: range.firstByte,
		lastByte: Math.min(end, range.lastByte ?? end),
	};
}

export const rangeNotSatisfiable = (totalBytes?: number): AlgoError =>
	new AlgoError(
		"RANGE_NOT_SATISFIABLE",
		`the range lies outside the file${totalBytes === undefined ? "" : `, which has ${totalBytes} bytes`}`,
	);
