import { noRef, type Ref, readRef, UsageError } from "../src/index.ts";

/**
 * @param text `OWNER/NAME` or `OWNER/NAME/VERSION`, with or without `algo://`
 * @throws UsageError
 */
export function parseRef(text: string): Ref {
	const ref = readRef(text);
	if (ref) return ref;
	throw new UsageError(noRef(text));
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
