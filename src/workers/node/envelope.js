// The answer as its caller reads it, written beside the author's code so that the server only moves bytes
// (api-contract §3.5, §3.6, §3.8 a).
import {
	CONTENT_TYPES,
	outcomeFrame,
	Status,
	Want,
} from "../../protocol/frames.js";
import { describe, TypedError } from "./errors.js";
import { RefusedInput } from "./input.js";
import { writeResult } from "./result.js";

/**
 * @typedef {import('./open-call.js').OpenCall} OpenCall
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
	const isBare = (call.wants & Want.BARE) !== 0;
	const { contentType, written } = writeResult(value, isBare, call);
	const bytes = Buffer.byteLength(written);
	if (bytes > maxOutputBytes) {
		throw new TypedError(
			"TooLargeError",
			`the result is ${bytes} bytes, more than the limit of ${maxOutputBytes} bytes; return less, or store it as data and return its address`,
		);
	}
	const parts = isBare
		? [written]
		: [
				'{"result":',
				written,
				`,"metadata":{"content_type":"${CONTENT_TYPES[contentType]}",${metadata(call, runMs)}}}`,
			];
	return outcomeFrame({
		id: call.id,
		status: Status.RESULT,
		contentType,
		runMs,
		errorType: "",
		parts,
	});
}

/**
 * @param {OpenCall} call
 * @param {unknown} thrown
 * @param {number} runMs
 * @returns {Buffer} an OUTCOME frame
 */
export function errorFrame(call, thrown, runMs) {
	const { message, stack, errorType } = describe(thrown);
	const maySeeSource = (call.wants & Want.SOURCE) !== 0;
	const error = {
		message,
		...(stack && maySeeSource && { stacktrace: stack, stack_trace: stack }),
		error_type: errorType,
	};
	const body = `{"error":${JSON.stringify(error)},"metadata":{${metadata(call, runMs)}}}`;
	return outcomeFrame({
		id: call.id,
		status: Status.ERROR,
		contentType: 0,
		runMs,
		errorType,
		parts: [body],
	});
}

/**
 * @param {OpenCall} call
 * @param {unknown} error why it has no result: its body was refused, or it failed
 * @param {number} runMs
 * @returns {Buffer} an OUTCOME frame
 */
export function failureFrame(call, error, runMs) {
	return error instanceof RefusedInput
		? refusedFrame(call.id, error.message)
		: errorFrame(call, error, runMs);
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
		parts: [reason],
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
