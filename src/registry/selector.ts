import { VERSION_PATTERN } from "./names.ts";

/** Which version of an algorithm a caller means (api-contract §3.2). */
export type Selector =
	| {
			kind: "newest";
			prefix: readonly number[];
			visibility: "public" | "private";
	  }
	| { kind: "exact"; version: string };

const NEWEST: Selector = { kind: "newest", prefix: [], visibility: "public" };
const PARTIAL_PATTERN = /^(\d{1,9})(?:\.(\d{1,9}|[x*]))?(?:\.[x*])?$/;

/**
 * @param text as it stands in the path; absent for the newest public version
 * @returns `undefined` if it can match nothing
 */
export function parseSelector(text?: string): Selector | undefined {
	if (text === undefined || text === "" || text === "latest") return NEWEST;
	if (text === "latestPrivate")
		return { kind: "newest", prefix: [], visibility: "private" };
	if (VERSION_PATTERN.test(text)) return { kind: "exact", version: text };
	const partial = PARTIAL_PATTERN.exec(text);
	if (!partial) return undefined;
	const prefix = [partial[1], partial[2]]
		.filter((part) => part !== undefined && /^\d/.test(part))
		.map(Number);
	return { kind: "newest", prefix, visibility: "public" };
}

interface Selectable {
	version: string;
	numbers: readonly number[];
	visibility: "public" | "private";
}

/**
 * @param versions newest first
 * @returns the version that the selector means, `undefined` if none does
 */
export function select<T extends Selectable>(
	versions: readonly T[],
	selector: Selector,
): T | undefined {
	if (selector.kind === "exact")
		return versions.find(({ version }) => version === selector.version);
	return versions.find(
		({ numbers, visibility }) =>
			visibility === selector.visibility &&
			selector.prefix.every((number, i) => numbers[i] === number),
	);
}

/** Orders versions by semantic version, newest first. */
export function newestFirst(a: Selectable, b: Selectable): number {
	for (let i = 0; i < 3; i++) {
		const difference = (b.numbers[i] ?? 0) - (a.numbers[i] ?? 0);
		if (difference !== 0) return difference;
	}
	return 0;
}
