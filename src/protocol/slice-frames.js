// The bytes of slices: many items in one frame, and their outcomes in groups. README.md beside this file is the whole story.
import { CALL_HEAD_BYTES, HEAD_BYTES, Kind } from "./frames.js";

/** @typedef {import("./frames.js").CallFields} CallFields */

/** How the items of a slice stand in its bytes: with commas between them, each on a line, or each behind its length. */
export const Form = /** @type {const} */ ({ LIST: 0, LINES: 1, PARTS: 2 });

/** Before each item of form PARTS: its length. */
export const PART_HEAD_BYTES = 4;

/** What is to be done with the items of a slice, one bit each; SINGLY: write each outcome before the next item starts; AS_LINES: write outcomes as lines; ECHO_ID: with the item's own `id`. */
export const SliceFlag = /** @type {const} */ ({
	SINGLY: 1,
	AS_LINES: 2,
	ECHO_ID: 4,
});

/** Bytes of a slice's head, behind that of its call: first index, count, form, flags, an item's time. */
const SLICE_HEAD_BYTES = 18;
/** Bytes before the lengths: call, offset, count, run time. */
const OUTCOMES_HEAD_BYTES = 20;

/**
 * @typedef {object} SliceFields What a slice has beside the fields of a call.
 * @property {number} firstIndex of its first item in the whole list or stream
 * @property {number} count of its items
 * @property {number} form one of Form
 * @property {number} flags bits of SliceFlag
 * @property {number} itemTimeoutMs how long one item may run; infinite without a bound
 */

/** @typedef {Omit<CallFields, 'body' | 'remainingMs'> & SliceFields & { pieces: readonly Uint8Array[] }} OutgoingSlice its items in one or more pieces */

/**
 * @param {OutgoingSlice} slice
 * @param {number} remainingMs how long the caller still waits
 * @returns {Uint8Array[]} the frame's pieces, to be written one after the other; the items are not copied
 */
export function sliceFrame(slice, remainingMs) {
	const { requestId, account, pieces } = slice;
	let itemBytes = 0;
	for (const piece of pieces) itemBytes += piece.length;
	const nameBytes = requestId.length + account.length;
	const head = Buffer.allocUnsafe(
		HEAD_BYTES + CALL_HEAD_BYTES + nameBytes + SLICE_HEAD_BYTES,
	);
	head.writeUInt32LE(head.length - HEAD_BYTES + itemBytes, 0);
	head[4] = Kind.SLICE;
	let at = HEAD_BYTES;
	head.writeUInt32LE(slice.id, at);
	head[at + 4] = slice.inputKind;
	head[at + 5] = slice.wants;
	head.writeDoubleLE(remainingMs, at + 6);
	head.writeUInt16LE(requestId.length, at + 14);
	head.writeUInt16LE(account.length, at + 16);
	head.writeUInt32LE(SLICE_HEAD_BYTES + itemBytes, at + 18);
	at += CALL_HEAD_BYTES;
	at += head.write(requestId, at, "latin1");
	at += head.write(account, at, "latin1");
	head.writeUInt32LE(slice.firstIndex, at);
	head.writeUInt32LE(slice.count, at + 4);
	head[at + 8] = slice.form;
	head[at + 9] = slice.flags;
	head.writeDoubleLE(slice.itemTimeoutMs, at + 10);
	return [head, ...pieces];
}

/**
 * @param {Buffer} payload of a SLICE frame
 * @returns {CallFields & SliceFields & { body: Buffer }} the body, its items, is a view of the payload
 */
export function readSlice(payload) {
	const accountAt = CALL_HEAD_BYTES + payload.readUInt16LE(14);
	const at = accountAt + payload.readUInt16LE(16);
	return {
		id: payload.readUInt32LE(0),
		inputKind: /** @type {number} */ (payload[4]),
		wants: /** @type {number} */ (payload[5]),
		remainingMs: payload.readDoubleLE(6),
		requestId: payload.toString("latin1", CALL_HEAD_BYTES, accountAt),
		account: payload.toString("latin1", accountAt, at),
		firstIndex: payload.readUInt32LE(at),
		count: payload.readUInt32LE(at + 4),
		form: /** @type {number} */ (payload[at + 8]),
		flags: /** @type {number} */ (payload[at + 9]),
		itemTimeoutMs: payload.readDoubleLE(at + 10),
		body: payload.subarray(at + SLICE_HEAD_BYTES),
	};
}

/**
 * @param {Buffer} body of a slice of form PARTS
 * @returns {Buffer[]} its items, as views
 */
export function readParts(body) {
	const parts = [];
	for (let at = 0; at < body.length; ) {
		const from = at + PART_HEAD_BYTES;
		at = from + body.readUInt32LE(at);
		parts.push(body.subarray(from, at));
	}
	return parts;
}

/**
 * @typedef {object} OutcomesFields Outcomes of consecutive items of a slice, as they travel.
 * @property {number} id the call's
 * @property {number} offset in the slice, of the first of these items
 * @property {number} runMs time inside `apply` for these items
 * @property {Uint32Array} lengths of each outcome's text in bytes, times two, plus one if the item failed
 * @property {Uint8Array} text of all outcomes, one after the other
 */

/**
 * @param {OutcomesFields} outcomes
 * @param {number} [lane] absent: an OUTCOMES frame; else a REST frame about this lane
 * @returns {Buffer}
 */
export function outcomesFrame({ id, offset, runMs, lengths, text }, lane) {
	let at = HEAD_BYTES + (lane === undefined ? 0 : 4);
	const textAt = at + OUTCOMES_HEAD_BYTES + 4 * lengths.length;
	const frame = Buffer.allocUnsafe(textAt + text.length);
	frame.writeUInt32LE(frame.length - HEAD_BYTES, 0);
	frame[4] = lane === undefined ? Kind.OUTCOMES : Kind.REST;
	if (lane !== undefined) frame.writeUInt32LE(lane, HEAD_BYTES);
	frame.writeUInt32LE(id, at);
	frame.writeUInt32LE(offset, at + 4);
	frame.writeUInt32LE(lengths.length, at + 8);
	frame.writeDoubleLE(runMs, at + 12);
	at += OUTCOMES_HEAD_BYTES;
	for (const length of lengths) at = frame.writeUInt32LE(length, at);
	frame.set(text, textAt);
	return frame;
}

/**
 * @param {Buffer} payload of an OUTCOMES frame
 * @returns {OutcomesFields & { text: Buffer }} the text is a view of the payload
 */
export function readOutcomes(payload) {
	const count = payload.readUInt32LE(8);
	const lengths = new Uint32Array(count);
	let at = OUTCOMES_HEAD_BYTES;
	for (let i = 0; i < count; i++, at += 4)
		lengths[i] = payload.readUInt32LE(at);
	return {
		id: payload.readUInt32LE(0),
		offset: payload.readUInt32LE(4),
		runMs: payload.readDoubleLE(12),
		lengths,
		text: payload.subarray(at),
	};
}

/**
 * @param {Buffer} payload of a REST frame
 * @returns {{ lane: number, outcomes: OutcomesFields & { text: Buffer } }}
 */
export function readRest(payload) {
	return {
		lane: payload.readUInt32LE(0),
		outcomes: readOutcomes(payload.subarray(4)),
	};
}
