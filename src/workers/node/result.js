// From what `apply` returned to the text of a result (interface §3, api-contract §3.5).
import { TypedError } from "./errors.js";

/**
 * @typedef {{ contentType: 0 | 1 | 2 | 3, text: string, bytes?: Uint8Array }} Result
 *   `contentType` indexes CONTENT_TYPES; `text` is the result as JSON; `bytes` the bare bytes of a binary one
 */

/** @type {Result} */
const VOID = { contentType: 3, text: "null" };

/**
 * @param {unknown} value what `apply` returned
 * @returns {Result}
 * @throws {TypedError} it is not JSON, and where
 */
export function writeResult(value) {
	if (value === undefined) return VOID;
	if (typeof value === "string")
		return { contentType: 1, text: JSON.stringify(value) };
	if (value instanceof Uint8Array) {
		const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
		return { contentType: 2, text: `"${bytes.toString("base64")}"`, bytes };
	}
	return { contentType: 0, text: writeJson(value) };
}

/**
 * JSON.stringify drops functions and turns NaN into null without a word, and names no place when it
 * refuses; a walk over the value costs little beside it and says where.
 * @param {unknown} value
 */
function writeJson(value) {
	let text;
	try {
		text = JSON.stringify(value);
	} catch (error) {
		const reason =
			error instanceof RangeError
				? "it is nested too deeply or too long"
				: undefined;
		throw unwritable(
			value,
			reason ?? (error instanceof Error ? error.message : String(error)),
		);
	}
	if (text === undefined || !isWritable(value))
		throw unwritable(value, "it is not JSON");
	return text;
}

/**
 * Whether JSON says all of a value that JSON.stringify accepted (so it has no cycle).
 * @param {unknown} value
 * @returns {boolean}
 */
function isWritable(value) {
	if (typeof value === "number") return Number.isFinite(value);
	if (typeof value !== "object" || value === null)
		return typeof value !== "function" && typeof value !== "symbol";
	if (Array.isArray(value)) {
		for (let i = 0; i < value.length; i++)
			if (!isWritable(value[i])) return false;
		return true;
	}
	const object = /** @type {Record<string, unknown>} */ (value);
	if (typeof object.toJSON === "function") return true;
	for (const key in object)
		if (Object.hasOwn(object, key) && !isWritable(object[key])) return false;
	return true;
}

/**
 * @param {unknown} value
 * @param {string} reason said when no place is found, as when a toJSON of the author threw
 */
function unwritable(value, reason) {
	let found;
	try {
		found = findUnwritable(value, "", new Set());
	} catch {
		found = undefined; // nested too deeply for the search as well
	}
	const where = found
		? `${found.what} at ${found.pointer === "" ? "its top" : found.pointer}`
		: reason;
	return new TypedError(
		"AlgorithmError",
		`the result cannot be written as JSON: ${where}`,
	);
}

/**
 * @param {unknown} value
 * @param {string} pointer JSON pointer of the value
 * @param {Set<object>} above the objects that contain it
 * @returns {{ what: string, pointer: string } | undefined}
 */
function findUnwritable(value, pointer, above) {
	if (typeof value === "number" && !Number.isFinite(value))
		return { what: String(value), pointer };
	if (typeof value === "bigint") return { what: "a BigInt", pointer };
	if (typeof value === "function" || typeof value === "symbol")
		return { what: `a ${typeof value}`, pointer };
	if (typeof value !== "object" || value === null) return undefined;
	if (above.has(value)) return { what: "a cycle", pointer };
	if ("toJSON" in value && typeof value.toJSON === "function") return undefined;
	above.add(value);
	for (const [key, member] of Object.entries(value)) {
		const found = findUnwritable(
			member,
			`${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`,
			above,
		);
		if (found) return found;
	}
	above.delete(value);
	return undefined;
}
