/** A slice is about so much work, */
const SLICE_MS = 20;
/** so many items as long as nobody knows how long one runs, */
const FIRST_ITEMS = 64;
/** and never more than this. */
const MAX_ITEMS = 16_384;
export const MAX_BYTES = 2 ** 20;

/** How many items are a slice's work. */
export function itemsFor(itemMs: number | undefined): number {
	if (itemMs === undefined) return FIRST_ITEMS;
	return Math.max(1, Math.min(MAX_ITEMS, Math.floor(SLICE_MS / itemMs)));
}
