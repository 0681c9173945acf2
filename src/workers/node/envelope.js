// The answer as its caller reads it, written beside the author's code so that the server only moves bytes
// (api-contract §3.5, §3.6, §3.8 a).
import { outcomeFrame, Status, Want } from "../../protocol/frames.js";
import { describe, TypedError } from "./errors.js";
import { writeResult } from "./result.js";

/**
 * @typedef {import('./thread.js').OpenCall} OpenCall
 */

/**
 * @param {OpenCall} call
 * @param {unknown} value what `apply` returned
 * @param {number} runMs
 * @param {number} maxOutputBytes
 * @returns {Buffer} an OUTCOME frame
 * @throws {TypedError} the value is not JSON, or larger than the limit
 */
export function resultFrame(call, value, runMs, maxOutputBytes) {
	const echoed = value === call.input && value !== undefined && value !== null;
	const result = writeResult(value);
	if (echoed && result.contentType === 0)
		result.text = originalText(call, result.text);
	const isBare = (call.wants & Want.BARE) !== 0;
	const bare = isBare
		? (result.bytes ?? bareText(result.contentType, value, result.text))
		: undefined;
	const bytes =
		bare === undefined || typeof bare === "string"
			? Buffer.byteLength(bare ?? result.text)
			: bare.length;
	if (bytes > maxOutputBytes) {
		throw new TypedError(
			"TooLargeError",
			`the result is ${bytes} bytes, more than the limit of ${maxOutputBytes} bytes; return less, or store it as data and return its address`,
		);
	}
	const { id } = call;
	const body =
		bare ??
		`{"result":${result.text},"metadata":{"content_type":"${TYPE_NAMES[result.contentType]}",${metadata(call, runMs)}}}`;
	return outcomeFrame({
		id,
		status: Status.RESULT,
		contentType: result.contentType,
		runMs,
		errorType: "",
		body,
	});
}

const TYPE_NAMES = ["json", "text", "binary", "void"];

/**
 * @param {number} contentType
 * @param {unknown} value
 * @param {string} text
 */
function bareText(contentType, value, text) {
	if (contentType === 1) return /** @type {string} */ (value);
	return contentType === 3 ? "" : text;
}

/**
 * An input that comes back as it came keeps its own spelling, `1.0` and all digits of a large number
 * (api-contract §3.4), provided that the author did not change it on the way.
 * @param {OpenCall} call
 * @param {string} text
 */
function originalText(call, text) {
	const original = call.body.toString().trim();
	if (original === text || !/^[[{\d-]/.test(original)) return text;
	return JSON.stringify(JSON.parse(original)) === text
		? original.replace(/[\r\n]/g, " ")
		: text;
}

/**
 * @param {OpenCall} call
 * @param {unknown} thrown
 * @param {number} runMs
 * @returns {Buffer} an OUTCOME frame
 */
export function errorFrame(call, thrown, runMs) {
	const { message, stack, errorType } = describe(thrown);
	const error = {
		message,
		...(stack && { stacktrace: stack, stack_trace: stack }),
		error_type: errorType,
	};
	const body = `{"error":${JSON.stringify(error)},"metadata":{${metadata(call, runMs)}}}`;
	return outcomeFrame({
		id: call.id,
		status: Status.ERROR,
		contentType: 0,
		runMs,
		errorType,
		body,
	});
}

/**
 * @param {number} id
 * @param {string} reason
 * @returns {Buffer} an OUTCOME frame
 */
export function refusedFrame(id, reason) {
	return outcomeFrame({
		id,
		status: Status.REFUSED,
		contentType: 0,
		runMs: 0,
		errorType: "",
		body: reason,
	});
}

/**
 * @param {OpenCall} call
 * @param {number} runMs
 */
function metadata(call, runMs) {
	// Clients want a number above zero, in seconds; whole nanoseconds are as fine as the clock.
	const duration = Math.max(1, Math.round(runMs * 1e6)) / 1e9;
	const text = `"duration":${duration},"request_id":"${call.requestId}"`;
	if ((call.wants & Want.STDOUT) === 0) return text;
	const { output } = call;
	const omitted = output?.omitted ?? 0;
	const alerts =
		omitted > 0
			? `,"alerts":["stdout truncated: ${omitted} bytes omitted"]`
			: "";
	return `${text},"stdout":${JSON.stringify(output?.text ?? "")}${alerts}`;
}
