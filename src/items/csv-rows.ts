import { AlgoError } from "../errors.ts";
import type { ConvertedRows, RowsTask } from "./csv-lines.ts";
import type { Cut } from "./cut.ts";
import { joined, runInThread } from "./thread.ts";

interface CsvOptions {
	/** As the cutter has read it. */
	header: Buffer;
	/** Types are told from the texts (inferred.ts); else every value is text. */
	infer: boolean;
}

/**
 * Makes a JSON object of each row of CSV: its values by the header's names.
 * @param cut of a CsvCutter
 * @returns the same items: runs of good rows as lines (Form.LINES), and each bad row by itself as a fault
 * @throws AlgoError BAD_REQUEST: a header that is no list of names, each different
 */
export async function linesOfRows(
	cut: Cut,
	{ header, infer }: CsvOptions,
): Promise<Cut[]> {
	if (cut.fault) return [cut];
	const { count, startByte, endByte } = cut;
	const bytes = joined(cut.pieces);
	const task: RowsTask = {
		rows: { bytes, count, startByte, endByte },
		header,
		infer,
	};
	const converted = await runInThread<ConvertedRows>("csv-lines", task, [
		bytes.buffer,
	]);
	if ("refused" in converted)
		throw new AlgoError("BAD_REQUEST", converted.refused);
	let firstIndex = cut.firstIndex;
	return converted.runs.map(({ bytes, fault, ...run }) => {
		const piece = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
		const lines: Cut = {
			...run,
			firstIndex,
			pieces: [piece],
			bytes: piece.length,
			...(fault && { fault: { message: fault, errorType: "ParsingError" } }),
		};
		firstIndex += run.count;
		return lines;
	});
}
