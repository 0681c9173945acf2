// What csv-rows.ts runs in a thread.
import { Columns, NotCsv } from "./csv-columns.ts";
import { CsvCutter, withoutReturn } from "./csv-cutter.ts";
import { moved } from "./moved.ts";
import { KEPT_BYTES } from "./scanning-cutter.ts";
import { joined } from "./thread.ts";

/** Rows with newlines between them, and where they stand in the input. */
export interface Rows {
	bytes: Uint8Array;
	count: number;
	startByte: number;
	endByte: number;
}

export interface RowsTask {
	rows: Rows;
	header: Uint8Array;
	infer: boolean;
}

/** Rows that all became lines, or one that did not: then `bytes` is its beginning as it was. */
export interface Run extends Rows {
	/** Why the row is no item. */
	fault?: string;
}

export type ConvertedRows = { runs: Run[] } | { refused: string };

const NEWLINE = Buffer.from("\n");

export default function convert({ rows, header, infer }: RowsTask): object {
	let columns: Columns;
	try {
		columns = new Columns(header, infer);
	} catch (error) {
		if (!(error instanceof NotCsv)) throw error;
		return { refused: `the header of the CSV: ${error.message}` };
	}
	const runs: Run[] = [];
	for (const run of runsOf(rows, columns)) {
		const last = runs.at(-1);
		if (!last || last.fault || run.fault) runs.push(run);
		else {
			last.bytes = Buffer.concat([last.bytes, NEWLINE, run.bytes]);
			last.count += run.count;
			last.endByte = run.endByte;
		}
	}
	const memory = joined(runs.map(({ bytes }) => bytes));
	let at = 0;
	for (const run of runs) {
		const { length } = run.bytes;
		run.bytes = memory.subarray(at, at + length);
		at += length;
	}
	return moved({ runs }, [memory.buffer]);
}

/** Where something is not CSV, the rows are halved until it is one of them: the others are still parsed many at a time. */
function* runsOf(rows: Rows, columns: Columns): Generator<Run> {
	let cells: string[][];
	try {
		cells = columns.cellsOf(rows.bytes);
	} catch (error) {
		if (!(error instanceof NotCsv)) throw error;
		const half = rows.count >> 1;
		if (half === 0) yield bad(rows, error.message);
		else
			for (const part of partsOf(rows, [half, rows.count - half]))
				yield* runsOf(part, columns);
		return;
	}
	if (cells.length !== rows.count)
		throw new Error(`${rows.count} rows were parsed as ${cells.length}`);
	const counts = columns.countsOf(cells);
	let index = 0;
	for (const part of partsOf(rows, counts)) {
		const some = cells.slice(index, index + part.count);
		const fault = columns.faultOf(some[0] as string[]);
		if (fault) yield bad(part, fault);
		else yield { ...part, bytes: Buffer.from(columns.linesOf(some)) };
		index += part.count;
	}
}

const bad = (row: Rows, fault: string): Run => ({
	...row,
	bytes: withoutReturn(bufferOf(row.bytes)).subarray(0, KEPT_BYTES),
	fault,
});

/** @param counts of rows in each part */
function partsOf(rows: Rows, counts: number[]): Rows[] {
	if (counts.length === 1) return [rows];
	const cutter = new CsvCutter({
		maxItemBytes: Number.POSITIVE_INFINITY,
		startByte: rows.startByte,
		header: NEWLINE,
	});
	cutter.push(bufferOf(rows.bytes));
	cutter.finish();
	const parts = counts.map((count): Rows => {
		const cut = cutter.take(count, Number.POSITIVE_INFINITY);
		if (cut?.count !== count)
			throw new Error(`a cut of ${rows.count} rows has fewer`);
		const { startByte, endByte, pieces } = cut;
		return { bytes: joined(pieces), count, startByte, endByte };
	});
	(parts.at(-1) as Rows).endByte = rows.endByte;
	return parts;
}

const bufferOf = ({ buffer, byteOffset, length }: Uint8Array): Buffer =>
	Buffer.from(buffer, byteOffset, length);
