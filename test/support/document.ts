import { readFile } from "node:fs/promises";
import { resolve } from "node:path";

/** A fenced block: ```language file. */
export interface Block {
	language: string;
	/** The name it is to be saved by, if it says one. */
	file: string | undefined;
	text: string;
}

/** A command with what it prints; `…` stands for anything. */
export interface Example {
	command: string;
	output: RegExp;
}

/** The text of a document of ours, by its path in the checkout. */
export const readDocument = (path: string): Promise<string> =>
	readFile(resolve(import.meta.dirname, "../..", path), "utf8");

export const blocksOf = (document: string): Block[] =>
	[...document.matchAll(/^```(\w+)(?: (\S+))?\n(.*?)^```/gms)].map(
		([, language = "", file, text = ""]) => ({ language, file, text }),
	);

/** The commands of a console block: each line that begins with `$ `, with the lines up to the next one. */
export const examplesOf = ({ text }: Block): Example[] =>
	text
		.split(/^\$ /m)
		.filter(Boolean)
		.map((example) => {
			const [command = "", ...output] = example.trimEnd().split("\n");
			return { command, output: pattern(output.join("\n")) };
		});

const pattern = (output: string) =>
	new RegExp(
		`^${output
			.split("…")
			.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
			.join("[^]*?")}$`,
	);
