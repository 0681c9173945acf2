// From a call's bytes to the input that `apply` sees (api-contract §3.4).
import { isUtf8 } from "node:buffer";
import { InputKind } from "../../protocol/frames.js";

/** The body is not what its Content-Type claims: the call is refused before `apply` (api-contract §3.8 b). */
export class RefusedInput extends Error {}

/**
 * @param {number} kind one of InputKind
 * @param {Buffer} body
 * @returns {unknown}
 * @throws {RefusedInput}
 */
export function readInput(kind, body) {
	switch (kind) {
		case InputKind.JSON:
			return readJson(
				body,
				(why) => `Failed to parse input, input was not valid JSON: ${why}`,
			);
		case InputKind.UNTYPED:
			return readJson(
				body,
				() => "missing Content-Type: a body without one must be valid JSON",
			);
		case InputKind.TEXT:
			return body.toString();
		case InputKind.BASE64:
			return readBase64(body);
		case InputKind.MESSAGE:
			return readMessage(body);
		default:
			return copyOf(body);
	}
}

/**
 * The author may keep it, and the frame's memory is shared.
 * @param {Buffer} body
 */
const copyOf = (body) => Buffer.from(body);

/**
 * @param {Buffer} body
 * @param {(why: string) => string} complain
 */
function readJson(body, complain) {
	if (body.length === 0) return null;
	const text = body.toString();
	try {
		return parseJson(text);
	} catch (error) {
		throw new RefusedInput(
			complain(error instanceof Error ? error.message : String(error)),
		);
	}
}

/**
 * JSON, else text, else bytes.
 * @param {Buffer} body
 */
function readMessage(body) {
	if (!isUtf8(body)) return copyOf(body);
	const text = body.toString();
	try {
		return parseJson(text);
	} catch {
		return text;
	}
}

/** @param {string} text that may begin with a byte order mark */
const parseJson = (text) =>
	JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);

/** @param {Buffer} body */
function readBase64(body) {
	const text = body.toString("latin1").replace(/\s+/g, "");
	const digits = text.replace(/={1,2}$/, "");
	if (!/^[A-Za-z0-9+/]*$/.test(digits) || digits.length % 4 === 1) {
		throw new RefusedInput(
			"Failed to parse input, Content-Encoding is base64 and the body is not",
		);
	}
	return Buffer.from(text, "base64");
}
