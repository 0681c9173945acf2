import type { Cut } from "./cut.ts";
import { type CutterOptions, ScanningCutter } from "./scanning-cutter.ts";

const NEWLINE = 10;
const RETURN = 13;
const QUOTE = 34;
const COMMA = 44;

/** A quoted field of this length is probably long: its end is searched natively from there. */
const SHORT_FIELD_BYTES = 40;

/** The header is parsed again and again, and its names stand in every line. */
const MAX_HEADER_BYTES = 1_048_576;

/** Where in a row scanning is. */
const Place = {
	FIELD_START: 0,
	UNQUOTED: 1,
	QUOTED: 2,
	/** Behind a quote in a quoted field: its end, or the first half of a quote. */
	AFTER_QUOTE: 3,
} as const;

/**
 * Rows of CSV (RFC 4180): a field may be quoted, and holds newlines then. Empty lines are no rows. A quote counts only
 * where a field begins, so that a stray one costs its own row and no other.
 */
export class CsvCutter extends ScanningCutter {
	protected override readonly noun = "row";
	protected override readonly blanks = [RETURN];
	protected override readonly maxBlankBytes = 1;
	/** Who parses the rows knows what is no part of them. */
	protected override readonly keepsBlanks = true;
	/** The first row, without the end of its line; it is no item. */
	header: Buffer | undefined;
	#place: number = Place.FIELD_START;

	/** @param options `header`: the input has none, since it goes on where it was left */
	constructor(options: CutterOptions & { header?: Buffer }) {
		const { header, firstIndex = 0 } = options;
		super({ ...options, firstIndex: header ? firstIndex : firstIndex - 1 });
		this.header = header;
	}

	override take(maxItems: number, maxBytes: number): Cut | undefined {
		if (!this.header) {
			const row = super.take(1, maxBytes);
			if (!row) return undefined;
			const rowBytes = row.endByte - row.startByte;
			if (row.fault || rowBytes > MAX_HEADER_BYTES)
				this.refuse(
					`the header of the CSV is ${rowBytes} bytes, the limit is ${MAX_HEADER_BYTES} bytes: the first line should have the columns' names`,
				);
			else this.header = withoutReturn(Buffer.concat(row.pieces));
		}
		return super.take(maxItems, maxBytes);
	}

	protected override scan(chunk: Buffer, from: number): number {
		let place = this.#place;
		let nativeFrom = from;
		for (let at = from; at < chunk.length; at++) {
			const byte = chunk[at];
			if (place === Place.QUOTED) {
				if (byte === QUOTE) place = Place.AFTER_QUOTE;
				else if (at > nativeFrom) {
					const quote = chunk.indexOf(QUOTE, at);
					at = (quote < 0 ? chunk.length : quote) - 1;
				}
			} else if (byte === NEWLINE) {
				this.#place = Place.FIELD_START;
				return at;
			} else if (byte === COMMA) place = Place.FIELD_START;
			else if (byte === QUOTE && place !== Place.UNQUOTED) {
				place = Place.QUOTED;
				nativeFrom = at + SHORT_FIELD_BYTES;
			} else place = Place.UNQUOTED;
		}
		this.#place = place;
		return -1;
	}
}

/** A row without the end of its line: if that is two bytes, the cutter has left the first one. */
export const withoutReturn = (row: Buffer): Buffer =>
	row.at(-1) === RETURN ? row.subarray(0, -1) : row;
