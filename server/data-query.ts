import { AlgoError, MAX_PAGE } from "../src/index.ts";

/** A name that was given twice has a list; its last value counts. */
export type Query = Record<string, string | string[] | undefined>;

export const last = (
	value: string | string[] | undefined,
): string | undefined => (Array.isArray(value) ? value.at(-1) : value);

/** True and false in any case; anything else is false. */
export const isTrue = (value: string | string[] | undefined): boolean =>
	last(value)?.toLowerCase() === "true";

export interface PageOptions {
	marker?: string;
	limit?: number;
}

/** Of a listing (api-contract §5.3). @throws AlgoError BAD_REQUEST */
export function readPage(query: Query): PageOptions {
	const marker = last(query.marker);
	const limit = last(query.limit);
	return {
		...(marker && { marker }),
		...(limit !== undefined && { limit: readLimit(limit) }),
	};
}

function readLimit(text: string): number {
	const limit = Number(text);
	if (/^\d{1,4}$/.test(text) && limit >= 1 && limit <= MAX_PAGE) return limit;
	throw new AlgoError(
		"BAD_REQUEST",
		`limit is '${text.slice(0, 100)}'; it must be a whole number from 1 to ${MAX_PAGE}`,
	);
}
