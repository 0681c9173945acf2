/** Rows as lines, each column as wide as its widest cell. */
export function tableOf(rows: string[][]): string {
	const widths: number[] = [];
	for (const row of rows)
		for (const [column, cell] of row.entries())
			widths[column] = Math.max(widths[column] ?? 0, cell.length);
	return rows
		.map((row) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)))
		.map((cells) => `${cells.join("  ").trimEnd()}\n`)
		.join("");
}
