import { describe, expect, it } from "vitest";
import { CsvCutter } from "../../../src/items/csv-cutter.ts";
import { CHUNK_BYTES, cutAll, textOf } from "./cutting.ts";

const HEADER = "a,b";
const INPUTS: Record<string, string[]> = {
	"1,2\n3,4\n": ["1,2", "3,4"],
	"1,2\r\n3,4": ["1,2", "3,4"],
	'"one\ntwo","""\n"""\n3,4\n': ['"one\ntwo","""\n"""', "3,4"],
	'"a\r\nb",c\r\n"",""\r\n': ['"a\r\nb",c', '"",""'],
	"1,2\n\n\r\n3,4\n\n": ["1,2", "3,4"],
	' ,\n5" pipe,"x\n3,4\n': [" ,", '5" pipe,"x\n3,4\n'],
	'5" pipe,x\n"a"b"c,d\n3,4\n': ['5" pipe,x', '"a"b"c,d', "3,4"],
	"": [],
};

describe("cutting rows of CSV", () => {
	it.each(Object.entries(INPUTS))(
		"%j is the same rows wherever its chunks end",
		(input, expected) => {
			for (const before of ["", "\ufeff", "\r\n\n"])
				for (const newline of ["\n", "\r\n"])
					for (const chunkBytes of CHUNK_BYTES) {
						const cutter = new CsvCutter({ maxItemBytes: 1000 });
						const cuts = cutAll(cutter, before + HEADER + newline + input, {
							chunkBytes,
							maxItems: 1,
						});
						expect(cutter.header?.toString()).toBe(HEADER);
						// The end of a line may be two bytes; the first is left to who parses.
						const rows = cuts.map((cut) => textOf(cut).replace(/\r$/, ""));
						expect(rows).toEqual(expected);
						expect(cuts.map(({ firstIndex }) => firstIndex)).toEqual([
							...expected.keys(),
						]);
					}
		},
	);

	it("keeps rows together, with the empty lines between them", () => {
		const input = 'a,b\n1,2\n\n"3\n",4\n\n5,6\n\n';
		expect(cutAll(new CsvCutter({ maxItemBytes: 1000 }), input)).toMatchObject([
			{ firstIndex: 0, count: 3, startByte: 4, endByte: input.length - 1 },
		]);
	});

	it("goes on in the middle with the header it is given", () => {
		const input = Buffer.from("a,b\n1,2\n3,4\n5,6\n");
		const cutter = new CsvCutter({
			maxItemBytes: 1000,
			firstIndex: 1,
			startByte: 8,
			header: Buffer.from(HEADER),
		});
		const [cut] = cutAll(cutter, input.subarray(8));
		expect(cut).toMatchObject({ firstIndex: 1, count: 2, startByte: 8 });
	});

	it("has no header and no rows in an empty input", () => {
		const cutter = new CsvCutter({ maxItemBytes: 1000 });
		expect(cutAll(cutter, "\n\n")).toEqual([]);
		expect(cutter.header).toBeUndefined();
	});

	it("a row that is too long costs that row only; a header that is too long the whole input", () => {
		const long = `"${"x\n".repeat(1000)}",1`;
		const cuts = cutAll(
			new CsvCutter({ maxItemBytes: 1000 }),
			`a,b\n1,2\n${long}\n3,4`,
		);
		expect(cuts.map(({ fault }) => fault?.errorType)).toEqual([
			undefined,
			"TooLargeError",
			undefined,
		]);
		const header = `"${"x\n".repeat(600_000)}",1`;
		for (const maxItemBytes of [1000, 10_000_000]) {
			const cutter = new CsvCutter({ maxItemBytes });
			for (const _ of [1, 2])
				expect(() => cutAll(cutter, `${header}\n1,2\n`)).toThrow(
					expect.objectContaining({
						code: "BAD_REQUEST",
						message: expect.stringMatching(
							/^the header of the CSV is 1200005 bytes, the limit is 1048576 bytes/,
						),
					}),
				);
			expect(cutter.header).toBeUndefined();
		}
	});
});
