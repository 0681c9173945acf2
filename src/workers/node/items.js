// From a slice's bytes to the inputs that `apply` sees, and back to the texts of its outcomes (protocol/README.md).
import { isUtf8 } from "node:buffer";
import { InputKind } from "../../protocol/frames.js";
import { Form, readParts, SliceFlag } from "../../protocol/slice-frames.js";
import { elementsOf } from "./elements.js";
import { describe, TypedError } from "./errors.js";
import { RefusedInput, readInput } from "./input.js";
import { writeResult } from "./result.js";

/** @typedef {import("../../protocol/slice-frames.js").SliceFields & { inputKind: number, body: Buffer }} SliceBytes */

const NEWLINE = 10;
const RETURN = 13;
const NOTHING = Buffer.alloc(0);

/** The items of one slice. */
export class Items {
	#slice;
	/** @type {unknown[]} */
	inputs = [];
	/** Why items have no input, by their place. @type {Map<number, unknown>} */
	faults = new Map();
	/** @type {Buffer[] | undefined} */
	#known;

	/**
	 * @param {SliceBytes} slice
	 * @throws {RefusedInput} a list that is not JSON
	 */
	constructor(slice) {
		this.#slice = slice;
		if (slice.form === Form.LIST) this.inputs = readList(slice);
		else if (slice.form === Form.PARTS) this.#readParts();
		else this.#readLines();
	}

	#readParts() {
		for (const [place, part] of this.#bodies().entries()) {
			try {
				this.inputs[place] = readInput(this.#slice.inputKind, part);
			} catch (error) {
				this.#fail(place, error instanceof Error ? error.message : `${error}`);
			}
		}
	}

	#readLines() {
		const { body, inputKind } = this.#slice;
		if (isUtf8(body)) {
			const texts = body.toString().split("\n");
			for (const [place, text] of texts.entries())
				this.#readLine(place, text, inputKind);
			return;
		}
		for (const [place, line] of this.#bodies().entries()) {
			if (isUtf8(line)) this.#readLine(place, line.toString(), inputKind);
			else this.#fail(place, "the line is not valid UTF-8");
		}
	}

	/** Most slices never need them. */
	#bodies() {
		this.#known ??= bodiesOf(this.#slice);
		return this.#known;
	}

	/**
	 * @param {number} place
	 * @param {string} text
	 * @param {number} inputKind
	 */
	#readLine(place, text, inputKind) {
		if (inputKind === InputKind.TEXT)
			this.inputs[place] =
				text.charCodeAt(text.length - 1) === RETURN ? text.slice(0, -1) : text;
		else {
			try {
				this.inputs[place] = JSON.parse(text);
			} catch (error) {
				this.#fail(
					place,
					`the line is not valid JSON: ${error instanceof Error ? error.message : error}`,
				);
			}
		}
	}

	/**
	 * @param {number} place
	 * @param {string} message
	 */
	#fail(place, message) {
		this.inputs[place] = undefined;
		this.faults.set(place, new TypedError("ParsingError", message));
	}

	get length() {
		return this.inputs.length;
	}

	/**
	 * @param {number} place
	 * @param {unknown} value what `apply` returned
	 * @param {number} maxBytes
	 * @returns {string} the result as JSON; a comma follows it unless outcomes are lines
	 * @throws {TypedError} it is not JSON, or larger than the limit
	 */
	resultText(place, value, maxBytes) {
		const text = this.#write(place, value);
		if (text.length * 3 > maxBytes && Buffer.byteLength(text) > maxBytes)
			throw new TypedError(
				"TooLargeError",
				`the result is ${Buffer.byteLength(text)} bytes, more than the limit of ${maxBytes} bytes; return less, or store it as data and return its address`,
			);
		return this.isInLines
			? `{"index":${this.#slice.firstIndex + place}${this.#idOf(place)},"result":${text}}\n`
			: text;
	}

	/**
	 * @param {number} place
	 * @param {unknown} thrown
	 * @returns {string} of its outcome
	 */
	errorText(place, thrown) {
		const { message, errorType } = describe(thrown);
		const error = JSON.stringify({ message, error_type: errorType });
		return this.isInLines
			? `{"index":${this.#slice.firstIndex + place}${this.#idOf(place)},"error":${error}}\n`
			: error;
	}

	get isInLines() {
		return (this.#slice.flags & SliceFlag.AS_LINES) !== 0;
	}

	/**
	 * @param {number} place
	 * @param {unknown} value
	 * @returns {string}
	 */
	#write(place, value) {
		if (typeof value === "string") return JSON.stringify(value);
		const input = this.inputs[place];
		const isInput = value === input && hasSpelling(input);
		const body = (isInput && this.#bodies()[place]) || NOTHING;
		return /** @type {string} */ (
			writeResult(value, false, { input, body }).written
		);
	}

	/** @param {number} place */
	#idOf(place) {
		if ((this.#slice.flags & SliceFlag.ECHO_ID) === 0) return "";
		const input = this.inputs[place];
		if (typeof input !== "object" || input === null) return "";
		const { id } = /** @type {{ id?: unknown }} */ (input);
		const isId = typeof id === "string" || typeof id === "number";
		return isId && Object.hasOwn(input, "id")
			? `,"id":${JSON.stringify(id)}`
			: "";
	}
}

/**
 * @param {SliceBytes} slice
 * @returns {unknown[]}
 */
function readList({ body, firstIndex, count }) {
	const where = `among items ${firstIndex} to ${firstIndex + count - 1}`;
	let inputs;
	try {
		inputs = JSON.parse(`[${body}]`);
	} catch (error) {
		throw notJson(where, error instanceof Error ? error.message : error);
	}
	if (inputs.length !== count)
		throw notJson(where, `${inputs.length} values for ${count}`);
	return inputs;
}

/**
 * @param {string} where
 * @param {unknown} why
 */
const notJson = (where, why) =>
	new RefusedInput(
		`Failed to parse input, input was not valid JSON: ${where}: ${why}`,
	);

/**
 * Whether it can be written in more than one way: then, if it comes back unchanged, it keeps its own (api-contract §3.4).
 * @param {unknown} input
 */
const hasSpelling = (input) =>
	typeof input === "number" || (typeof input === "object" && input !== null);

/** @param {SliceBytes} slice */
function bodiesOf({ form, body }) {
	if (form === Form.LIST) return elementsOf(body);
	return form === Form.PARTS ? readParts(body) : linesOf(body);
}

/** @param {Buffer} body */
function linesOf(body) {
	const lines = [];
	for (let at = 0; at <= body.length; ) {
		const newline = body.indexOf(NEWLINE, at);
		const end = newline < 0 ? body.length : newline;
		lines.push(body.subarray(at, end));
		at = end + 1;
	}
	return lines;
}
