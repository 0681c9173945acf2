/** What a user or an algorithm writes to name an algorithm. */
export interface Ref {
	owner: string;
	name: string;
	/** A version or selector. */
	selector?: string;
}

/** What is wrong with a text that `readRef` cannot read. */
export const noRef = (text: string): string =>
	`${JSON.stringify(text)} names no algorithm; write OWNER/NAME or OWNER/NAME/VERSION`;

/**
 * @param text `OWNER/NAME` or `OWNER/NAME/VERSION`, with or without `algo://`
 * @returns nothing if it names no algorithm
 */
export function readRef(text: string): Ref | undefined {
	const [owner = "", name = "", selector, ...rest] = text
		.replace(/^algo:\/\//, "")
		.split("/");
	if (owner === "" || name === "" || rest.length > 0) return undefined;
	return { owner, name, ...(selector !== undefined && { selector }) };
}
