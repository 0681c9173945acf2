/**
 * Whether a connection's `path` covers this one; a directory is covered with all that is in it.
 * @param pattern `*` stands for anything, slashes too
 */
export const isCovered = (path: string, pattern: string): boolean =>
	matches(path, pattern) || matches(`${path}/`, pattern);

/** In one pass: a pattern of many stars as a regular expression could keep the server busy. */
function matches(text: string, pattern: string): boolean {
	const [first = "", ...parts] = pattern.split("*");
	const last = parts.pop();
	if (last === undefined) return text === pattern;
	if (!text.startsWith(first)) return false;
	let at = first.length;
	for (const part of parts) {
		const found = text.indexOf(part, at);
		if (found < 0) return false;
		at = found + part.length;
	}
	return text.length - last.length >= at && text.endsWith(last);
}
