// From a slice's bytes to the inputs that `apply` sees, and back to the texts of its outcomes (protocol/README.md).
import { isUtf8 } from "node:buffer";
import { Form, InputKind, SliceFlag } from "../../protocol/frames.js";
import { describe, TypedError } from "./errors.js";
import { RefusedInput } from "./input.js";
import { writeResult } from "./result.js";

/** @typedef {import("../../protocol/frames.js").SliceFields & { inputKind: number, body: Buffer }} Items */

/** One item of a slice. */
export class Item {
	/** @type {unknown} */
	input;
	/** @type {unknown} why it has no input */
	fault;
	/** @type {Buffer} its own bytes, where they are known */
	body = NOTHING;
}

const NOTHING = Buffer.alloc(0);

/**
 * @param {Items} slice
 * @returns {Item[]}
 * @throws {RefusedInput} a list that is not JSON
 */
export function readItems(slice) {
	if (slice.form === Form.LIST) return readList(slice);
	const { body } = slice;
	const isSound = isUtf8(body);
	/** @type {Item[]} */
	const items = [];
	for (let at = 0; at <= body.length; ) {
		const newline = body.indexOf(10, at);
		const end = newline < 0 ? body.length : newline;
		const item = new Item();
		item.body = body.subarray(at, end);
		readLine(item, slice.inputKind, isSound);
		items.push(item);
		at = end + 1;
	}
	return items;
}

/**
 * @param {Items} slice
 * @returns {Item[]}
 */
function readList({ body, firstIndex, count }) {
	/** @type {unknown[]} */
	let inputs;
	try {
		inputs = JSON.parse(`[${body}]`);
	} catch (error) {
		throw new RefusedInput(
			`Failed to parse input, input was not valid JSON: among items ${firstIndex} to ${firstIndex + count - 1}: ${error instanceof Error ? error.message : error}`,
		);
	}
	return inputs.map((input) => {
		const item = new Item();
		item.input = input;
		return item;
	});
}

/**
 * @param {Item} item
 * @param {number} inputKind
 * @param {boolean} isSound whether it is known to be UTF-8
 */
function readLine(item, inputKind, isSound) {
	if (!isSound && !isUtf8(item.body)) {
		item.fault = new TypedError("ParsingError", "the line is not valid UTF-8");
		return;
	}
	const text = item.body.toString();
	if (inputKind === InputKind.TEXT) {
		item.input = text;
		return;
	}
	try {
		item.input = JSON.parse(text);
	} catch (error) {
		item.fault = new TypedError(
			"ParsingError",
			`the line is not valid JSON: ${error instanceof Error ? error.message : error}`,
		);
	}
}

/**
 * @param {Items} slice
 * @param {number} index of the item in the slice
 * @param {Item} item
 * @param {unknown} value what `apply` returned
 * @param {number} maxBytes
 * @returns {string} of its outcome
 * @throws {TypedError} it is not JSON, or larger than the limit
 */
export function resultText(slice, index, item, value, maxBytes) {
	const { written } = writeResult(value, false, item);
	const text = /** @type {string} */ (written); // it is not bare
	if (text.length * 3 > maxBytes && Buffer.byteLength(text) > maxBytes)
		throw new TypedError(
			"TooLargeError",
			`the result is ${Buffer.byteLength(text)} bytes, more than the limit of ${maxBytes} bytes; return less, or store it as data and return its address`,
		);
	if ((slice.flags & SliceFlag.AS_LINES) === 0) return `${text},`;
	return `{"index":${slice.firstIndex + index}${idOf(slice, item)},"result":${text}}\n`;
}

/**
 * @param {Items} slice
 * @param {number} index of the item in the slice
 * @param {Item} item
 * @param {unknown} thrown
 * @returns {string} of its outcome
 */
export function errorText(slice, index, item, thrown) {
	const { message, errorType } = describe(thrown);
	const error = JSON.stringify({ message, error_type: errorType });
	if ((slice.flags & SliceFlag.AS_LINES) === 0) return error;
	return `{"index":${slice.firstIndex + index}${idOf(slice, item)},"error":${error}}\n`;
}

/**
 * @param {Items} slice
 * @param {Item} item
 */
function idOf({ flags }, { input }) {
	if ((flags & SliceFlag.ECHO_ID) === 0) return "";
	if (
		typeof input !== "object" ||
		input === null ||
		!Object.hasOwn(input, "id")
	)
		return "";
	const { id } = /** @type {{ id: unknown }} */ (input);
	return typeof id === "string" || typeof id === "number"
		? `,"id":${JSON.stringify(id)}`
		: "";
}
