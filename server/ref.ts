import { UsageError } from "../src/index.ts";

/** What a user types to name an algorithm. */
export interface Ref {
	owner: string;
	name: string;
	selector?: string;
}

/**
 * @param text `OWNER/NAME` or `OWNER/NAME/VERSION`, with or without `algo://`
 * @throws UsageError
 */
export function parseRef(text: string): Ref {
	const [owner = "", name = "", selector, ...rest] = text
		.replace(/^algo:\/\//, "")
		.split("/");
	if (owner === "" || name === "" || rest.length > 0)
		throw new UsageError(
			`${JSON.stringify(text)} names no algorithm; write OWNER/NAME or OWNER/NAME/VERSION`,
		);
	return { owner, name, ...(selector !== undefined && { selector }) };
}

/** Whether a version is meant by the refs on a command line; all are when there are none. */
export function isMeant(
	version: { owner: string; name: string; version: string },
	refs: readonly Ref[],
): boolean {
	if (refs.length === 0) return true;
	const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
	return refs.some(
		(ref) =>
			same(ref.owner, version.owner) &&
			same(ref.name, version.name) &&
			(ref.selector === undefined || ref.selector === version.version),
	);
}
