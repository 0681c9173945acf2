import type { Cut } from "../items/cut.ts";
import { SliceFlag } from "../protocol/frames.js";
import type { ItemOutcomes } from "../runners/slice.ts";

/** What an item failed with that never ran, or ended its worker. */
export interface ItemFault {
	message: string;
	errorType: string;
}

/** The outcomes of items that all fail alike, written as a worker would. */
export function faultOutcomes(
	{ firstIndex, count }: Pick<Cut, "firstIndex" | "count">,
	{ message, errorType }: ItemFault,
	flags: number,
): ItemOutcomes {
	const error = JSON.stringify({ message, error_type: errorType });
	const texts = Array.from({ length: count }, (_, i) =>
		Buffer.from(
			flags & SliceFlag.AS_LINES
				? `{"index":${firstIndex + i},"error":${error}}\n`
				: error,
		),
	);
	return {
		firstIndex,
		count,
		failed: count,
		runMs: 0,
		lengths: Uint32Array.from(texts, (text) => text.length * 2 + 1),
		text: Buffer.concat(texts),
	};
}
