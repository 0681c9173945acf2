import { isUtf8 } from "node:buffer";
import { CsvError, parse } from "csv-parse/sync";
import { inferred } from "./inferred.ts";

const NEWLINE = Buffer.from("\n");
const PROBLEMS: Record<string, string> = {
	CSV_QUOTE_NOT_CLOSED: "a quote is opened and not closed",
	CSV_INVALID_CLOSING_QUOTE:
		"something stands between a closing quote and the next comma; double a quote that belongs to the text",
	INVALID_OPENING_QUOTE:
		"a quote stands in a field that is not quoted; quote the whole field and double the quotes in it",
};

/** It is not CSV; the message says why. */
export class NotCsv extends Error {}

/** What the header says of the rows. */
export class Columns {
	/** Each name as JSON, with its colon. */
	readonly #keys: string[];
	readonly #jsonOf: (cell: string) => string;
	readonly #headerLine: Buffer;

	/** @throws NotCsv names that cannot be told apart */
	constructor(header: Uint8Array, infer: boolean) {
		this.#headerLine = Buffer.concat([header, NEWLINE]);
		const [names = []] = parsed(this.#headerLine);
		const columns = new Map<string, number>();
		for (const [index, name] of names.entries()) {
			const column = index + 1;
			if (name === "") throw new NotCsv(`column ${column} has no name`);
			const other = columns.get(name);
			if (other !== undefined)
				throw new NotCsv(
					`columns ${other} and ${column} are both named ${JSON.stringify(name)}`,
				);
			columns.set(name, column);
		}
		this.#keys = names.map((name) => `${JSON.stringify(name)}:`);
		this.#jsonOf = infer ? inferred : JSON.stringify;
	}

	/**
	 * The cells of each row. The header stands before them, since the parser makes an error object, unseen and ten
	 * times as slow as a row, for each row that has not as many as the first.
	 * @throws NotCsv
	 */
	cellsOf(rows: Uint8Array): string[][] {
		return parsed(Buffer.concat([this.#headerLine, rows, NEWLINE])).slice(1);
	}

	faultOf({ length }: string[]): string | undefined {
		if (length === this.#keys.length) return undefined;
		const fields = length === 1 ? "field" : "fields";
		return `the row has ${length} ${fields}, the header has ${this.#keys.length}`;
	}

	/** How many rows are good, one after the other; each bad one by itself. */
	countsOf(rows: string[][]): number[] {
		const counts: number[] = [];
		let isGoing = false;
		for (const row of rows) {
			const isGood = this.faultOf(row) === undefined;
			if (isGood && isGoing) (counts[counts.length - 1] as number)++;
			else counts.push(1);
			isGoing = isGood;
		}
		return counts;
	}

	linesOf(rows: string[][]): string {
		const objectOf = (cells: string[]) =>
			`{${cells.map((cell, index) => this.#keys[index] + this.#jsonOf(cell)).join(",")}}`;
		return rows.map(objectOf).join("\n");
	}
}

function parsed(bytes: Buffer): string[][] {
	if (!isUtf8(bytes)) throw new NotCsv("it is not UTF-8");
	try {
		return parse(bytes, {
			record_delimiter: ["\r\n", "\n"],
			relax_column_count: true, // a wrong number is told in our own words
			skip_empty_lines: true,
		});
	} catch (error) {
		if (!(error instanceof CsvError)) throw error;
		throw new NotCsv(PROBLEMS[error.code] ?? error.message);
	}
}
