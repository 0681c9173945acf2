import { isUtf8 } from "node:buffer";
import { isOwnFault } from "../errors.ts";
import type { Cut } from "../items/cut.ts";
import { recut } from "../items/recut.ts";
import { InputKind } from "../protocol/frames.js";
import { pick } from "./cuts.ts";

export interface ItemError {
	message: string;
	error_type?: string;
}

/** An item whose outcome is an error. */
export interface Failure {
	index: number;
	error: ItemError;
}

export const mayBeTriedAgain = ({ error_type: type }: ItemError): boolean =>
	!isOwnFault(type);

/** @param line of a failed item's outcome */
export function errorOf(line: Buffer): ItemError {
	return (JSON.parse(line.toString()) as { error: ItemError }).error;
}

const INPUT = `,"input":`;
const ERROR = `,"error":{"message":`;

/**
 * Lines `{"index":…,"input":…,"error":{"message":…,"error_type":…}}`. An input is written as it came; one that is no JSON
 * as a string.
 * @param failures in input order
 * @param cuts that their inputs are in
 */
export function* failureLines(
	failures: readonly Failure[],
	cuts: readonly Cut[],
	{ form, inputKind }: { form: number; inputKind: number },
): Generator<Buffer> {
	const indexes = failures.map(({ index }) => index);
	let at = 0;
	for (const cut of pick(cuts, indexes, form)) {
		const items = cut.count > 1 ? recut(cut, form) : undefined;
		for (let item = 0; item < cut.count; item++) {
			const { index, error } = failures[at++] as Failure;
			const { message, error_type } = error;
			const { pieces } = items?.take(1, 1) ?? cut;
			const isText = inputKind === InputKind.TEXT || cut.fault !== undefined;
			yield Buffer.concat([
				Buffer.from(`{"index":${index}${INPUT}`),
				inputOf(Buffer.concat(pieces), isText),
				Buffer.from(`,"error":${JSON.stringify({ message, error_type })}}\n`),
			]);
		}
	}
}

function inputOf(bytes: Buffer, isText: boolean): Buffer {
	if (!isText && isJson(bytes)) return onOneLine(bytes);
	return Buffer.from(JSON.stringify(bytes.toString()));
}

function isJson(bytes: Buffer): boolean {
	if (!isUtf8(bytes)) return false;
	try {
		JSON.parse(bytes.toString());
		return true;
	} catch {
		return false;
	}
}

/** White space inside JSON stands between its parts only, if it is no space. */
const onOneLine = (json: Buffer): Buffer =>
	Buffer.from(
		json
			.toString()
			.trim()
			.replaceAll(/[\n\r]/g, " "),
	);

/** @param line as above @returns `index` of the item */
export const indexOfLine = (line: Buffer): number =>
	Number.parseInt(line.toString("latin1", `{"index":`.length, 40), 10);

/**
 * The input of a line as above, as it could be submitted again: what was no JSON stands bare.
 * @param isText inputs are texts, not JSON
 */
export function bareInput(line: Buffer, isText: boolean): Buffer {
	const start = line.indexOf(INPUT) + INPUT.length;
	// Its own quotes are escaped wherever this stands inside a string, so the last one is the line's.
	const end = line.lastIndexOf(ERROR);
	const input = line.subarray(start, end);
	const wasNoJson = isText || line.includes('"error_type":"ParsingError"', end);
	return wasNoJson && input[0] === 34
		? Buffer.from(JSON.parse(input.toString()))
		: input;
}
