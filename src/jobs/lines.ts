const NEWLINE = 10;

/** Whole lines, each with its newline. */
export function linesOf(text: Buffer): Buffer[] {
	const lines: Buffer[] = [];
	for (let start = 0; start < text.length; ) {
		const newline = text.indexOf(NEWLINE, start);
		const end = newline < 0 ? text.length : newline + 1;
		lines.push(text.subarray(start, end));
		start = end;
	}
	return lines;
}
