import { AlgoError } from "../errors.ts";
import { InputKind } from "../protocol/frames.js";
import type { Manifest } from "../registry/manifest.ts";

/** How the input of a call is run: as it is, or as a list whose items are inputs, on one worker or on several. */
export type Plan = "native" | "serial" | "parallel";

interface Asked {
	batch?: Plan | undefined;
	body: Buffer;
	/** One of InputKind. */
	inputKind: number;
}

/**
 * What the call asks for, else what the manifest says, for a body that is an array (interface §4).
 * @throws AlgoError BAD_REQUEST: the call asks for a list, and the body is none
 */
export function planOf(
	{ batch, body, inputKind }: Asked,
	manifest: Manifest,
): Plan {
	const isItems = manifest.batch === "items";
	if (batch === "native" || (batch === undefined && !isItems)) return "native";
	const isJson =
		inputKind === InputKind.JSON || inputKind === InputKind.UNTYPED;
	if (isJson && firstByte(body) === OPEN)
		return batch ?? manifest.fanOut ?? "parallel";
	if (batch === undefined) return "native";
	throw new AlgoError(
		"BAD_REQUEST",
		`batch is '${batch}', and the body is no JSON array; send an array of inputs as application/json, or leave batch out`,
	);
}

const OPEN = 0x5b; // [
const NO_CONTENT = [0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf]; // white space and a byte order mark

function firstByte(body: Buffer): number | undefined {
	let at = 0;
	while (at < body.length && NO_CONTENT.includes(body[at] as number)) at++;
	return body[at];
}
