import { describe, expect, it } from "vitest";
import { CsvCutter } from "../../../src/items/csv-cutter.ts";
import { linesOfRows } from "../../../src/items/csv-rows.ts";
import type { Cut } from "../../../src/items/cut.ts";
import { bytesOf, cutAll, textOf } from "./cutting.ts";

interface Options {
	infer?: boolean;
	maxItems?: number;
	maxItemBytes?: number;
}

/** The cuts of lines that the rows of an input become. */
async function convert(
	input: string | Buffer,
	{ infer = false, maxItems = 1000, maxItemBytes = 1000 }: Options = {},
): Promise<Cut[]> {
	const cutter = new CsvCutter({ maxItemBytes });
	const rows = cutAll(cutter, input, { maxItems });
	const header = cutter.header ?? Buffer.alloc(0);
	const cuts: Cut[] = [];
	for (const cut of rows)
		cuts.push(...(await linesOfRows(cut, { header, infer })));
	return cuts;
}

/** Its items: the value of each line, or the fault's message. */
const itemsOf = (cuts: Cut[]): unknown[] =>
	cuts.flatMap((cut) => {
		expect(cut.bytes).toBe(bytesOf(cut).length);
		if (cut.fault) return [cut.fault.message];
		const lines = textOf(cut).split("\n");
		expect(lines).toHaveLength(cut.count);
		return lines.map((line) => JSON.parse(line));
	});

describe("rows of CSV become lines of JSON", () => {
	it("each row is an object of texts by the names in the header", async () => {
		const cuts = await convert('a,"b ""c"""\n1,\n"x\ny",é\n');
		expect(cuts).toMatchObject([{ firstIndex: 0, count: 2 }]);
		expect(itemsOf(cuts)).toEqual([
			{ a: "1", 'b "c"': "" },
			{ a: "x\ny", 'b "c"': "é" },
		]);
	});

	it("with inferred types numbers, booleans and empty cells are what they look like", async () => {
		const cuts = await convert("a,b,c,d\n1.50,true,,007\n", { infer: true });
		expect(cuts.map(textOf)).toEqual([
			'{"a":1.50,"b":true,"c":null,"d":"007"}',
		]);
	});

	it("a bad row costs that row only, and tells what is wrong with it", async () => {
		const rows = [
			...["1,2", "3", "4,5", "6,7", "8,9,10", '5" pipe,1', '"a"b,1', "11,12"],
			...["", "é,ü", "13,14", '"15,16'],
		];
		const cuts = await convert(`a,b\n${rows.join("\r\n")}`);
		expect(itemsOf(cuts)).toEqual([
			{ a: "1", b: "2" },
			"the row has 1 field, the header has 2",
			{ a: "4", b: "5" },
			{ a: "6", b: "7" },
			"the row has 3 fields, the header has 2",
			"a quote stands in a field that is not quoted; quote the whole field and double the quotes in it",
			"something stands between a closing quote and the next comma; double a quote that belongs to the text",
			{ a: "11", b: "12" },
			{ a: "é", b: "ü" },
			{ a: "13", b: "14" },
			"a quote is opened and not closed",
		]);
		expect(cuts.map(({ firstIndex, count }) => [firstIndex, count])).toEqual([
			[0, 1],
			[1, 1],
			[2, 2],
			[4, 1],
			[5, 1],
			[6, 1],
			[7, 3],
			[10, 1],
		]);
		const faults = cuts.filter(({ fault }) => fault);
		expect(faults.map(textOf)).toEqual([
			"3",
			"8,9,10",
			'5" pipe,1',
			'"a"b,1',
			'"15,16',
		]);
		for (const { fault } of faults)
			expect(fault?.errorType).toBe("ParsingError");
	});

	it("says of each run where the input goes on behind it", async () => {
		const input = "a,b\n1,2\n3\n\n4,5\n6,7\n8\n9,10\n";
		const cuts = await convert(input);
		expect(cuts.map(({ count }) => count)).toEqual([1, 1, 2, 1, 1]);
		for (const [index, { firstIndex, count, endByte }] of cuts.entries()) {
			const cutter = new CsvCutter({
				maxItemBytes: 1000,
				firstIndex: firstIndex + count,
				startByte: endByte,
				header: Buffer.from("a,b"),
			});
			const rest = cutAll(cutter, input.slice(endByte));
			const left: Cut[] = [];
			for (const cut of rest)
				left.push(
					...(await linesOfRows(cut, {
						header: Buffer.from("a,b"),
						infer: false,
					})),
				);
			expect(itemsOf(left)).toEqual(itemsOf(cuts.slice(index + 1)));
			expect(left[0]?.firstIndex).toBe(cuts[index + 1]?.firstIndex);
		}
	});

	it("a row that is not UTF-8 is a fault, and one that is too long stays one", async () => {
		const cuts = await convert(
			Buffer.concat([
				Buffer.from("a\nok\n"),
				Buffer.from([0xff, 10]),
				Buffer.from(`${"x".repeat(1001)}\nok`),
			]),
		);
		expect(itemsOf(cuts.slice(0, 1))).toEqual([{ a: "ok" }]);
		expect(cuts.map(({ fault }) => fault?.errorType)).toEqual([
			undefined,
			"ParsingError",
			"TooLargeError",
			undefined,
		]);
	});

	it.each([
		["a,b,a", 'columns 1 and 3 are both named "a"'],
		["a,,c", "column 2 has no name"],
		["a,b,", "column 3 has no name"],
		['a,"b', "a quote is opened and not closed"],
		['a,b"', "a quote stands in a field that is not quoted"],
	])(
		"a header that names no columns costs the whole input: %s",
		async (header, reason) => {
			await expect(
				linesOfRows(
					{
						...{ firstIndex: 0, count: 1, startByte: 0, endByte: 3, bytes: 3 },
						pieces: [Buffer.from("1,2")],
					},
					{ header: Buffer.from(header), infer: false },
				),
			).rejects.toMatchObject({
				code: "BAD_REQUEST",
				message: expect.stringContaining(`the header of the CSV: ${reason}`),
			});
		},
	);

	it("finds as many rows as were cut, whatever the input", async () => {
		const parts = ["a", ",", '"', '""', "\n", "\r\n", "\r", " ", "é"];
		let seed = 1;
		const next = (below: number) => {
			seed = (seed * 48271) % 2147483647;
			return seed % below;
		};
		for (let round = 0; round < 2000; round++) {
			const input = Array.from({ length: next(30) }, () => parts[next(9)]);
			const cutter = new CsvCutter({ maxItemBytes: 1000 });
			const rows = cutAll(cutter, `x,y\n${input.join("")}`, { chunkBytes: 7 });
			for (const cut of rows) {
				const lines = await linesOfRows(cut, {
					header: Buffer.from("x,y"),
					infer: false,
				});
				expect(itemsOf(lines)).toHaveLength(cut.count);
				expect(lines.at(-1)?.endByte).toBe(cut.endByte);
			}
		}
	});

	it("leaves the pieces as they are: others hold their memory too", async () => {
		const cutter = new CsvCutter({ maxItemBytes: 1000 });
		const chunk = Buffer.from("a\n1\n2\n");
		cutter.push(chunk);
		const cut = cutter.take(10, 1000) as Cut;
		await linesOfRows(cut, { header: Buffer.from("a"), infer: false });
		expect(textOf(cut)).toBe("1\n2");
		expect(chunk.toString()).toBe("a\n1\n2\n");
	});
});
