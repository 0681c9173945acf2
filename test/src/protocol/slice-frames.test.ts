import { expect, it } from "vitest";
import { partsCut } from "../../../src/items/parts.ts";
import { HEAD_BYTES, InputKind, Want } from "../../../src/protocol/frames.js";
import {
	Form,
	readParts,
	readSlice,
	SliceFlag,
	sliceFrame,
} from "../../../src/protocol/slice-frames.js";

const BODIES = [
	Buffer.alloc(0),
	Buffer.from("1"),
	Buffer.from('{\n\t"text": "Grüße, 世界 👋"\r\n}\n'),
	Buffer.alloc(100_000, 7),
	Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
	Buffer.alloc(0),
];

it("a slice of parts gives back each body, byte for byte", () => {
	const { pieces, count, firstIndex } = partsCut(70_000, BODIES);
	const fields = {
		id: 2 ** 31 - 1,
		inputKind: InputKind.MESSAGE,
		wants: Want.STDOUT,
		requestId: "req-1",
		account: "local",
		firstIndex,
		count,
		form: Form.PARTS,
		flags: SliceFlag.AS_LINES | SliceFlag.SINGLY,
		itemTimeoutMs: 1500.5,
	};
	const frame = Buffer.concat(sliceFrame({ ...fields, pieces }, 0.25));
	expect(frame.readUInt32LE(0)).toBe(frame.length - HEAD_BYTES);
	const { body, ...read } = readSlice(frame.subarray(HEAD_BYTES));
	expect(read).toEqual({ ...fields, remainingMs: 0.25 });
	expect(readParts(body)).toEqual(BODIES);
});

it("a part is its length as four bytes, the lowest first, and its bytes", () => {
	const { pieces } = partsCut(0, [Buffer.from("ab"), Buffer.alloc(0)]);
	expect(Buffer.concat(pieces)).toEqual(
		Buffer.from([2, 0, 0, 0, 0x61, 0x62, 0, 0, 0, 0]),
	);
});
