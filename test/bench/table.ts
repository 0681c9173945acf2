import { short } from "./numbers.ts";
import { isMet, type Row } from "./row.ts";

const HEADINGS = ["what", "ours", "against", "ratio", "target", "verdict"];

/** The rows as a table for people. */
export function tableOf(rows: readonly Row[]): string {
	const lines = [HEADINGS, ...rows.map(cellsOf)];
	const widths = HEADINGS.map((_, column) =>
		Math.max(...lines.map((cells) => cells[column]?.length ?? 0)),
	);
	return lines
		.map((cells) =>
			cells
				.map((cell, column) => cell.padEnd(widths[column] ?? 0))
				.join("  ")
				.trimEnd(),
		)
		.join("\n");
}

function cellsOf(row: Row): string[] {
	const met = isMet(row);
	return [
		row.what,
		row.ours,
		row.against ?? "",
		row.unit === "×" ? `${row.value.toFixed(2)}×` : "",
		targetOf(row),
		met === undefined ? "" : met ? "met" : "missed",
	];
}

function targetOf({ target, unit }: Row): string {
	if (!target) return "";
	const withUnit = (value: number) =>
		unit === "×" ? `${value}×` : `${short(value)} ${unit}`;
	return target.atLeast === undefined
		? `≤ ${withUnit(target.atMost as number)}`
		: `≥ ${withUnit(target.atLeast)}`;
}
