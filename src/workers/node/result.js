// From what `apply` returned to the text of a result (interface §3, api-contract §3.5).
import { TypedError } from "./errors.js";

/**
 * @typedef {{ contentType: 0 | 1 | 2 | 3, written: string | Uint8Array }} Result
 *   `contentType` indexes CONTENT_TYPES; `written` is JSON, unless it is bare
 * @typedef {{ input?: unknown, body: Buffer }} Origin where the input came from
 */

/**
 * @param {unknown} value what `apply` returned
 * @param {boolean} isBare whether text and bytes are written as they are
 * @param {Origin} origin
 * @returns {Result}
 * @throws {TypedError} it is not JSON, and where
 */
export function writeResult(value, isBare, origin) {
	if (value === undefined)
		return { contentType: 3, written: isBare ? "" : "null" };
	if (typeof value === "string")
		return { contentType: 1, written: isBare ? value : JSON.stringify(value) };
	if (value instanceof Uint8Array) {
		const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
		return {
			contentType: 2,
			written: isBare ? bytes : `"${bytes.toString("base64")}"`,
		};
	}
	const written = writeJson(value);
	const isInput = value === origin.input;
	return {
		contentType: 0,
		written: isInput ? originalText(origin.body, written) : written,
	};
}

/**
 * An input that comes back as it came keeps its own spelling, `1.0` and all digits of a large number
 * (api-contract §3.4), provided that the author did not change it on the way.
 * @param {Buffer} body
 * @param {string} written the input as it is now
 */
function originalText(body, written) {
	const received = body.toString().trim();
	if (received === written || received === "") return written;
	return JSON.stringify(JSON.parse(received)) === written
		? received.replace(/[\r\n]/g, " ")
		: written;
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
