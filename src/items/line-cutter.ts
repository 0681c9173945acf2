import { ScanningCutter } from "./scanning-cutter.ts";

const NEWLINE = 10;

/** Lines, of JSON or of text. Blank ones are no items. */
export class LineCutter extends ScanningCutter {
	protected override readonly noun = "line";
	protected override readonly blanks = [9, 13, 32];

	protected override scan(chunk: Buffer, at: number): number {
		return chunk.indexOf(NEWLINE, at);
	}
}
