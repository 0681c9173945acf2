import { describe, expect, it } from "vitest";
import { partsCut } from "../../../src/items/parts.ts";
import { splitCut } from "../../../src/items/split-cut.ts";
import { Form, readParts } from "../../../src/protocol/slice-frames.js";
import { bytesOf } from "./cutting.ts";

const small = (text: string) => Buffer.from(text);
const large = (byte: number) => Buffer.alloc(40_000, byte);

const BODIES: Buffer[] = [
	small("one"),
	small(""),
	small("\n,\u0000"),
	large(1),
	large(2),
	small(""),
	Buffer.from([4, 0, 0, 0, 255]),
	large(3),
];

describe("a cut of bodies", () => {
	it("knows its items and bytes", () => {
		const cut = partsCut(7, BODIES);
		expect(cut).toMatchObject({ firstIndex: 7, count: 8 });
		expect(cut.bytes).toBe(bytesOf(cut).length);
		expect(readParts(bytesOf(cut))).toEqual(BODIES);
	});

	it("has large ones as they are, and small ones in one piece", () => {
		const { pieces } = partsCut(0, BODIES);
		expect(pieces.map((piece) => BODIES.indexOf(piece))).toEqual([
			-1, 3, -1, 4, -1, 7,
		]);
		const many = Array.from({ length: 1000 }, (_, i) => small(`body ${i}`));
		expect(partsCut(0, many).pieces).toHaveLength(1);
	});

	it("has no piece without a body", () => {
		expect(partsCut(3, [])).toMatchObject({ count: 0, pieces: [], bytes: 0 });
	});
});

describe("splitting a cut of bodies", () => {
	it("gives the first and the others, and these can be split again", () => {
		const cut = partsCut(7, BODIES);
		for (let count = 0; count <= BODIES.length; count++) {
			const { first, rest } = splitCut(cut, Form.PARTS, count);
			expect(first?.count ?? 0).toBe(count);
			expect(rest?.count ?? 0).toBe(BODIES.length - count);
			const bodies = [first, rest].flatMap((part) => {
				if (!part) return [];
				expect(part.bytes).toBe(bytesOf(part).length);
				expect(part.firstIndex).toBe(7 + (part === first ? 0 : count));
				return Array.from({ length: part.count }, (_, index) => {
					const { rest: from = part } = splitCut(part, Form.PARTS, index);
					const { first: one = from } = splitCut(from, Form.PARTS, 1);
					expect(one.firstIndex).toBe(part.firstIndex + index);
					return readParts(bytesOf(one));
				});
			});
			expect(bodies).toEqual(BODIES.map((body) => [body]));
		}
	});
});
