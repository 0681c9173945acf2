import { describe, expect, it } from "vitest";
import type { Cut } from "../../../src/items/cut.ts";
import { LineCutter } from "../../../src/items/line-cutter.ts";
import { ListCutter } from "../../../src/items/list-cutter.ts";
import { splitCut } from "../../../src/items/split-cut.ts";
import { Form } from "../../../src/protocol/slice-frames.js";
import { bytesOf, chunksOf, textOf } from "./cutting.ts";

/** The only cut of this input, in chunks of 3 bytes. */
function cutOf(form: number, text: string): Cut {
	const Cutter = form === Form.LIST ? ListCutter : LineCutter;
	const cutter = new Cutter({ maxItemBytes: 1000, firstIndex: 10 });
	for (const chunk of chunksOf(Buffer.from(text), 3)) cutter.push(chunk);
	cutter.finish();
	return cutter.take(1000, 1000) as Cut;
}

/** Without the blanks that a cut may have around its items; not without byte order marks, as `trim` does. */
const bare = (text: string) => text.replace(/^[ \r\n]+|[ \r\n]+$/g, "");

describe("splitting a cut", () => {
	it.each([
		[
			Form.LIST,
			'[ "a,]", [1,2] ,,"\ufeff"]',
			['"a,]"', "[1,2]", "", '"\ufeff"'],
		],
		[Form.LIST, "[,,]", ["", "", ""]],
		[
			Form.LINES,
			"\ufeffone\r\n\n\ufefftwo\nthree",
			["one", "\ufefftwo", "three"],
		],
	])(
		"gives the first items and the others (form %d): %j",
		(form, text, items) => {
			const cut = cutOf(form, text);
			expect(cut.count).toBe(items.length);
			for (let count = 0; count <= items.length; count++) {
				const { first, rest } = splitCut(cut, form, count);
				expect(first?.count ?? 0).toBe(count);
				expect(rest?.count ?? 0).toBe(items.length - count);
				const texts = [first, rest].flatMap((part) => {
					if (!part) return [];
					const { startByte, endByte } = cut;
					expect(part.bytes).toBe(bytesOf(part).length);
					expect(part).toMatchObject({ startByte, endByte });
					expect(part.firstIndex).toBe(10 + (part === first ? 0 : count));
					// One by one: what each of them is shows whoever splits them on.
					return Array.from({ length: part.count }, (_, index) => {
						const { rest: from = part } = splitCut(part, form, index);
						const { first: one = from } = splitCut(from, form, 1);
						return bare(textOf(one));
					});
				});
				expect(texts).toEqual(items);
			}
		},
	);
});
