import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "./temporary.ts";

/** Files with the JSON that calls send. */
export interface Payloads {
	single: string;
	/** 1000 short texts. */
	list: string;
	/** 100 000 short texts. */
	longList: string;
	/** A million short texts, a line each. */
	rows: string;
	/** As many texts as stay under the input limit of 10 485 760 bytes. */
	hugeList: string;
}

const WORDS = ["amber", "birch", "cedar", "dune", "ember", "fjord", "grove"];
const ROWS = 1_000_000;
const HUGE_BYTES = 10_400_000;

export async function writePayloads(): Promise<Payloads> {
	const folder = await temporaryFolder();
	const write = async (name: string, value: unknown) => {
		const file = join(folder, `${name}.json`);
		await writeFile(file, JSON.stringify(value));
		return file;
	};
	const rows = join(folder, "rows.ndjson");
	const lines = Array.from({ length: ROWS }, (_, i) => JSON.stringify(text(i)));
	await writeFile(rows, `${lines.join("\n")}\n`);
	return {
		rows,
		single: await write("single", text(0)),
		list: await write(
			"list",
			Array.from({ length: 1000 }, (_, i) => text(i)),
		),
		longList: await write(
			"long-list",
			Array.from({ length: 100_000 }, (_, i) => text(i)),
		),
		hugeList: await write("huge-list", textsOf(HUGE_BYTES)),
	};
}

/** A few words, different from item to item. */
function text(index: number): string {
	const word = (step: number) =>
		WORDS[Math.floor(index / step) % WORDS.length] as string;
	return `${word(1)} ${word(7)} ${index}`;
}

function textsOf(maxBytes: number): string[] {
	const texts: string[] = [];
	let bytes = 2;
	for (let i = 0; bytes < maxBytes; i++) {
		const next = text(i);
		bytes += next.length + 3;
		texts.push(next);
	}
	texts.pop();
	return texts;
}
