import { describe, expect, it } from "vitest";
import { ListCutter } from "../../../src/items/list-cutter.ts";
import { CHUNK_BYTES, cutAll, textOf } from "./cutting.ts";

const elements = (input: string | Buffer, options = {}, maxItemBytes = 1000) =>
	cutAll(new ListCutter({ maxItemBytes }), input, options);

const deep = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
const LISTS: unknown[] = [
	[],
	[1],
	[1, 2.5e10, null, true, false],
	["", '"', "\\", '"]\\"', "\\\\\\", ",", "[", "]}{", "\u0000\n", "é😀\u2028"],
	[{ a: "],[" }, [[1, 2], [3]], { b: { c: [{}, []] } }, JSON.parse(deep(100))],
	[
		"x".repeat(500),
		`${"x".repeat(60)}"${"\\".repeat(60)}"`,
		"\\".repeat(300),
		'"'.repeat(301),
	],
];

describe("cutting lists", () => {
	it.each(LISTS.map((list) => [list]))(
		"%j is the same elements wherever its chunks end",
		(list) => {
			const texts = [
				JSON.stringify(list),
				JSON.stringify(list, null, 2),
				`\ufeff \n${JSON.stringify(list)}\r\n \t`,
			];
			for (const text of texts)
				for (const chunkBytes of CHUNK_BYTES)
					for (const maxItems of [1, 2, 1000]) {
						const cuts = elements(text, { chunkBytes, maxItems }, 50_000);
						const found = cuts.flatMap((cut) => {
							const values = JSON.parse(`[${textOf(cut)}]`);
							expect(values).toHaveLength(cut.count);
							return values;
						});
						expect(found).toEqual(list);
					}
		},
	);

	it.each([
		["[1,,2]", ["1", "", "2"]],
		["[,]", ["", ""]],
		["[1,]", ["1", ""]],
		["[nonsense,{a]]", ["nonsense", "{a]"]],
	])("counts what its worker will refuse: %s", (text, expected) => {
		const cuts = elements(text, { maxItems: 1 });
		expect(cuts.map(textOf)).toEqual(expected);
		expect(elements(text)[0]).toMatchObject({ count: expected.length });
	});

	it.each([
		["", "the input is not a JSON array: it is empty (byte 0)"],
		["  ", "the input is not a JSON array: it is empty (byte 2)"],
		['{"a":1}', "the input is not a JSON array (byte 0)"],
		[" 12", "the input is not a JSON array (byte 1)"],
		[
			"[1,2",
			"the JSON array does not end: a bracket or a quote is missing (byte 4)",
		],
		[
			"[",
			"the JSON array does not end: a bracket or a quote is missing (byte 1)",
		],
		[
			'["a]',
			"the JSON array does not end: a bracket or a quote is missing (byte 4)",
		],
		[
			"[[1]",
			"the JSON array does not end: a bracket or a quote is missing (byte 4)",
		],
		["[1}", "the array is closed by } (byte 2)"],
		["[1] 2", "something stands behind the array (byte 4)"],
		["[]]", "something stands behind the array (byte 2)"],
	])("refuses %j as a whole: %s", (text, message) => {
		for (const chunkBytes of CHUNK_BYTES)
			expect(() => elements(text, { chunkBytes })).toThrow(
				expect.objectContaining({ code: "BAD_REQUEST", message }),
			);
	});

	it("gives what is before the place where it breaks", () => {
		for (const input of ["[1,2,3] x", "[1,2,3,[}}", "[1,2,3,"]) {
			const cutter = new ListCutter({ maxItemBytes: 1000 });
			cutter.push(Buffer.from(input));
			cutter.finish();
			expect(cutter.take(1000, 1000)).toMatchObject({ count: 3 });
			for (const _ of [1, 2])
				expect(() => cutter.take(1000, 1000)).toThrow(/byte [789]/);
			expect(cutter.isDone).toBe(false);
		}
	});

	it("goes on in the middle, where a cut ended", () => {
		const input = Buffer.from(' [ 1, "a,b" ,[3] ]\n');
		const cuts = cutAll(new ListCutter({ maxItemBytes: 1000 }), input, {
			maxItems: 1,
		});
		for (const { firstIndex, endByte } of cuts) {
			const cutter = new ListCutter({
				maxItemBytes: 1000,
				firstIndex: firstIndex + 1,
				startByte: endByte,
			});
			const left = cutAll(cutter, input.subarray(endByte), { maxItems: 1 });
			expect(left.map(({ firstIndex }) => firstIndex)).toEqual(
				cuts.slice(firstIndex + 1).map(({ firstIndex }) => firstIndex),
			);
			expect(left.map((cut) => textOf(cut).trim())).toEqual(
				cuts.slice(firstIndex + 1).map((cut) => textOf(cut).trim()),
			);
		}
	});

	it("copies nothing: a cut within a chunk is one view of it", () => {
		const chunk = Buffer.from("[1, 2, 3]");
		const cutter = new ListCutter({ maxItemBytes: 1000 });
		cutter.push(chunk);
		const cut = cutter.take(2, 1000);
		expect(cut?.pieces.map(String)).toEqual(["1, 2"]);
		expect(cut?.pieces[0]?.buffer).toBe(chunk.buffer);
	});

	it.each(CHUNK_BYTES)(
		"an element that is too long costs that element only (chunks of %d bytes)",
		(chunkBytes) => {
			const long = JSON.stringify("x,]\\".repeat(700));
			const cuts = elements(`[1,${long},2]`, { chunkBytes });
			expect(cuts.map((cut) => cut.fault?.errorType)).toEqual([
				undefined,
				"TooLargeError",
				undefined,
			]);
			expect(cuts[1]?.fault?.message).toContain(
				`the element is ${long.length} bytes, the limit is 1000 bytes`,
			);
			expect(textOf(cuts[2] as never)).toBe("2");
		},
	);

	it("scans no more than it gives and an element", () => {
		const cutter = new ListCutter({ maxItemBytes: 1000 });
		// What breaks the list stands far behind, and is not met.
		cutter.push(Buffer.from(`[${"1234567,".repeat(100_000)}}`));
		expect(cutter.take(1e6, 10_000)).toMatchObject({ count: 1250 });
	});
});
