// The bytes between the server and its workers. README.md beside this file is the whole story;
// this file is plain JavaScript because a worker thread starts it without a transform step.

/** The protocol's version, said in every hello; the two sides must agree exactly. */
export const PROTOCOL = 3;

/** What a frame is: the byte after its length. */
export const Kind = /** @type {const} */ ({
	HELLO: 1,
	OPEN: 2,
	END: 3,
	RECALL: 4,
	RECALLED: 5,
	ENDED: 6,
	READY: 7,
	FAILED: 8,
	CALLS: 9,
	CANCEL: 10,
	OUTCOME: 11,
	OUTPUT: 12,
	STRAY: 13,
	ASK: 14,
	ANSWER: 15,
	SLICE: 16,
	OUTCOMES: 17,
	REST: 18,
	BATCH: 19,
	APART: 20,
});

/** How the bytes of a call's body become its input. */
export const InputKind = /** @type {const} */ ({
	JSON: 0,
	TEXT: 1,
	BINARY: 2,
	BASE64: 3,
	UNTYPED: 4,
	MESSAGE: 5,
});

/** What the caller is to see, one bit each; SOURCE: what tells of the source, such as stack traces. */
export const Want = /** @type {const} */ ({ BARE: 1, STDOUT: 2, SOURCE: 4 });

/** How a call ended: with a result, with the algorithm's error, or refused before `apply` because its body is not what it claims. */
export const Status = /** @type {const} */ ({
	RESULT: 0,
	ERROR: 1,
	REFUSED: 2,
});

/** What a result is; the index is the byte on the wire, the text what callers read (api-contract §3.5). */
export const CONTENT_TYPES = /** @type {const} */ ([
	"json",
	"text",
	"binary",
	"void",
]);

/** Bytes before a frame's payload: u32 little-endian payload length, u8 kind. */
export const HEAD_BYTES = 5;

/** A longer frame is garbage: bodies end at 512 MiB, the longest text V8 holds. */
export const MAX_FRAME_BYTES = 600 * 1024 * 1024;

/** A body of this size is a piece of its own; smaller ones are copied, since one small write beats many. */
export const OWN_PIECE_BYTES = 32_768;

/** Bytes of a call's head. */
export const CALL_HEAD_BYTES = 22; // id, input kind, wants, remaining time, three lengths
const OUTCOME_HEAD_BYTES = 15; // id, status, content type, run time, length of the error type

/**
 * @typedef {object} CallFields One call, as it travels.
 * @property {number} id counts up within a lane, 1 to 2^31-1
 * @property {number} inputKind one of InputKind
 * @property {number} wants bits of Want
 * @property {number} remainingMs how long the caller still waits
 * @property {string} requestId ASCII
 * @property {string} account ASCII; who calls
 * @property {Uint8Array} body the caller's bytes, untouched
 */

/** @typedef {Omit<CallFields, 'remainingMs'> & { deadlineAt: number }} Outgoing One call, before it travels. */

/**
 * @typedef {object} OutcomeFields One outcome, as it travels.
 * @property {number} id the call's
 * @property {number} status one of Status
 * @property {number} contentType index into CONTENT_TYPES; 0 unless status is RESULT
 * @property {number} runMs time inside `apply`
 * @property {string} errorType its first 255 characters in Latin-1, for logs and numbers; empty unless status is ERROR
 * @property {Buffer} body RESULT: the envelope, or the bare result if wanted; ERROR: the envelope; REFUSED: the reason
 */

/**
 * A frame whose payload is JSON.
 * @param {number} kind
 * @param {unknown} message
 * @returns {Buffer}
 */
export function jsonFrame(kind, message) {
	const text = JSON.stringify(message);
	const frame = Buffer.allocUnsafe(HEAD_BYTES + Buffer.byteLength(text));
	frame.writeUInt32LE(frame.length - HEAD_BYTES, 0);
	frame[4] = kind;
	frame.write(text, HEAD_BYTES);
	return frame;
}

/**
 * The frame of a group of calls.
 * @param {readonly Outgoing[]} calls 1 to 65535
 * @param {number} now on the clock of their deadlines
 * @param {number} [kind] CALLS, or BATCH: they start together
 * @returns {Uint8Array[]} its pieces, to be written one after the other; large bodies are not copied
 */
export function callsFrame(calls, now, kind = Kind.CALLS) {
	let copiedBytes = HEAD_BYTES + 2;
	let ownBytes = 0;
	for (const { requestId, account, body } of calls) {
		copiedBytes += CALL_HEAD_BYTES + requestId.length + account.length;
		if (body.length < OWN_PIECE_BYTES) copiedBytes += body.length;
		else ownBytes += body.length;
	}
	const copied = Buffer.allocUnsafe(copiedBytes);
	copied.writeUInt32LE(copiedBytes + ownBytes - HEAD_BYTES, 0);
	copied[4] = kind;
	copied.writeUInt16LE(calls.length, HEAD_BYTES);
	const pieces = [];
	let pieceAt = 0;
	let at = HEAD_BYTES + 2;
	for (const call of calls) {
		copied.writeUInt32LE(call.id, at);
		copied[at + 4] = call.inputKind;
		copied[at + 5] = call.wants;
		copied.writeDoubleLE(call.deadlineAt - now, at + 6);
		copied.writeUInt16LE(call.requestId.length, at + 14);
		copied.writeUInt16LE(call.account.length, at + 16);
		copied.writeUInt32LE(call.body.length, at + 18);
		at += CALL_HEAD_BYTES;
		at += copied.write(call.requestId, at, "latin1");
		at += copied.write(call.account, at, "latin1");
		if (call.body.length < OWN_PIECE_BYTES) {
			copied.set(call.body, at);
			at += call.body.length;
		} else {
			pieces.push(copied.subarray(pieceAt, at), call.body);
			pieceAt = at;
		}
	}
	if (pieceAt < at) pieces.push(copied.subarray(pieceAt));
	return pieces;
}

/**
 * @param {Buffer} payload of a CALLS or BATCH frame
 * @returns {(CallFields & { body: Buffer })[]} bodies are views of the payload
 */
export function readCalls(payload) {
	const calls = new Array(payload.readUInt16LE(0));
	let at = 2;
	for (let i = 0; i < calls.length; i++) {
		const requestIdLength = payload.readUInt16LE(at + 14);
		const accountLength = payload.readUInt16LE(at + 16);
		const bodyLength = payload.readUInt32LE(at + 18);
		const requestIdAt = at + CALL_HEAD_BYTES;
		const accountAt = requestIdAt + requestIdLength;
		const bodyAt = accountAt + accountLength;
		calls[i] = {
			id: payload.readUInt32LE(at),
			inputKind: payload[at + 4],
			wants: payload[at + 5],
			remainingMs: payload.readDoubleLE(at + 6),
			requestId: payload.toString("latin1", requestIdAt, accountAt),
			account: payload.toString("latin1", accountAt, bodyAt),
			body: payload.subarray(bodyAt, bodyAt + bodyLength),
		};
		at = bodyAt + bodyLength;
	}
	return calls;
}

/**
 * The frame of an outcome.
 * @param {Omit<OutcomeFields, 'body'> & { parts: readonly (string | Uint8Array)[] }} outcome its body in
 *   parts, so that a long result need not become one text with what is around it; text is written as UTF-8
 * @returns {Buffer}
 */
export function outcomeFrame(outcome) {
	const { parts } = outcome;
	const errorType = outcome.errorType.slice(0, 255);
	let at = HEAD_BYTES + OUTCOME_HEAD_BYTES + errorType.length;
	let size = at;
	for (const part of parts)
		size += typeof part === "string" ? Buffer.byteLength(part) : part.length;
	const frame = Buffer.allocUnsafe(size);
	frame.writeUInt32LE(size - HEAD_BYTES, 0);
	frame[4] = Kind.OUTCOME;
	frame.writeUInt32LE(outcome.id, 5);
	frame[9] = outcome.status;
	frame[10] = outcome.contentType;
	frame.writeDoubleLE(outcome.runMs, 11);
	frame[19] = errorType.length;
	frame.write(errorType, 20, "latin1");
	for (const part of parts) {
		if (typeof part === "string") at += frame.write(part, at);
		else {
			frame.set(part, at);
			at += part.length;
		}
	}
	return frame;
}

/** Bytes before the head of an exchange: id, call, length of the head. */
const EXCHANGE_HEAD_BYTES = 12;

/**
 * @template Head
 * @typedef {object} Exchange A question of code inside a call, or its answer, as it travels.
 * @property {number} id of the question, counting up within a lane
 * @property {number} call the id of the call that asks; 0 while the worker loads
 * @property {Head} head
 * @property {Uint8Array} body bytes that need not be JSON: an input, a result, a file
 */

/**
 * @param {number} kind ASK or ANSWER
 * @param {Exchange<unknown>} exchange
 * @returns {Buffer}
 */
export function exchangeFrame(kind, { id, call, head, body }) {
	const text = Buffer.from(JSON.stringify(head));
	const bodyAt = HEAD_BYTES + EXCHANGE_HEAD_BYTES + text.length;
	const frame = Buffer.allocUnsafe(bodyAt + body.length);
	frame.writeUInt32LE(frame.length - HEAD_BYTES, 0);
	frame[4] = kind;
	frame.writeUInt32LE(id, 5);
	frame.writeUInt32LE(call, 9);
	frame.writeUInt32LE(text.length, 13);
	frame.set(text, HEAD_BYTES + EXCHANGE_HEAD_BYTES);
	frame.set(body, bodyAt);
	return frame;
}

/**
 * @template Head
 * @param {Buffer} payload of an ASK or ANSWER frame
 * @returns {Exchange<Head> & { body: Buffer }} the body is a view of the payload
 */
export function readExchange(payload) {
	const bodyAt = EXCHANGE_HEAD_BYTES + payload.readUInt32LE(8);
	return {
		id: payload.readUInt32LE(0),
		call: payload.readUInt32LE(4),
		head: JSON.parse(payload.toString("utf8", EXCHANGE_HEAD_BYTES, bodyAt)),
		body: payload.subarray(bodyAt),
	};
}

/**
 * @param {Buffer} payload of an OUTCOME frame
 * @returns {OutcomeFields} the body is a view of the payload
 */
export function readOutcome(payload) {
	const bodyAt = OUTCOME_HEAD_BYTES + /** @type {number} */ (payload[14]);
	return {
		id: payload.readUInt32LE(0),
		status: /** @type {number} */ (payload[4]),
		contentType: /** @type {number} */ (payload[5]),
		runMs: payload.readDoubleLE(6),
		errorType: payload.toString("latin1", OUTCOME_HEAD_BYTES, bodyAt),
		body: payload.subarray(bodyAt),
	};
}
