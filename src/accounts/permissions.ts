import type { Caller, Rights } from "./caller.ts";

const PATTERN =
	/^algo:\/\/(?:\*|[a-zA-Z][a-zA-Z0-9_]*\/(?:\*|[a-zA-Z][a-zA-Z0-9_]*(?:\/\*)?))$/;

/** @returns what is wrong with a pattern of algorithms, or `undefined` */
export function patternFault(pattern: string): string | undefined {
	return PATTERN.test(pattern)
		? undefined
		: "it must be algo://*, algo://OWNER/* or algo://OWNER/NAME";
}

/** Whether a key allows to call this algorithm (api-contract §2.3, `algo_acl`); names match in any case. */
export function mayCall(
	{ algorithms }: Rights,
	owner: string,
	name: string,
): boolean {
	if (algorithms.includes("algo://*")) return true;
	if (algorithms.length === 0) return false;
	const ofOwner = `algo://${owner}/*`.toLowerCase();
	const itself = `algo://${owner}/${name}`.toLowerCase();
	return algorithms.some((written) => {
		const pattern = written.toLowerCase();
		return (
			pattern === ofOwner || pattern === itself || pattern === `${itself}/*`
		);
	});
}

/**
 * Whether a key may be used on a page of this host (api-contract §4).
 * @param host of the page, without a port; `undefined` if the browser does not say
 */
export function mayBrowse(
	{ web, refererHost }: Rights,
	host: string | undefined,
): boolean {
	if (!web || refererHost === undefined) return web;
	const wanted = refererHost.toLowerCase();
	const actual = host?.toLowerCase() ?? "";
	return wanted.startsWith("*.")
		? actual.endsWith(wanted.slice(1)) && actual.length >= wanted.length
		: actual === wanted;
}

/** Whether the caller may act as the owner of what he calls, with `sudo` (api-contract §3.2). */
export const maySudo = ({ rights, ownsAll }: Caller): boolean =>
	rights.admin || ownsAll;
