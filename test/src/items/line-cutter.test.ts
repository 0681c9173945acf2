import { describe, expect, it } from "vitest";
import { LineCutter } from "../../../src/items/line-cutter.ts";
import { bytesOf, CHUNK_BYTES, chunksOf, cutAll, textOf } from "./cutting.ts";

const lines = (input: string | Buffer, options = {}, maxItemBytes = 1000) =>
	cutAll(new LineCutter({ maxItemBytes }), input, options);

const INPUTS: Record<string, string[]> = {
	'{"a":1}\n{"b":2}\n': ['{"a":1}', '{"b":2}'],
	"1\n2\n3": ["1", "2", "3"],
	"1\r\n2\r\n3\r\n": ["1", "2", "3"],
	"\ufeff1\n2": ["1", "2"],
	"\n\n1\n\n \t\r\n2\n\n": ["1", "2"],
	" 1 \n  2": [" 1 ", "  2"],
	"": [],
	"\n \n\n": [],
	"\ufeff": [],
	"é\n😀\n\ufeff": ["é", "😀", "\ufeff"],
};

describe("cutting lines", () => {
	it.each(Object.entries(INPUTS))(
		"%j is the same lines wherever its chunks end and however many are taken",
		(input, expected) => {
			for (const chunkBytes of CHUNK_BYTES)
				for (const maxItems of [1, 2, 1000]) {
					const cuts = lines(input, { chunkBytes, maxItems });
					const found = cuts.flatMap((cut) => textOf(cut).split(/\r?\n/));
					expect(found).toEqual(expected);
					let next = 0;
					for (const cut of cuts) {
						expect(cut.firstIndex).toBe(next);
						expect(cut.bytes).toBe(bytesOf(cut).length);
						next += cut.count;
					}
					expect(next).toBe(expected.length);
				}
		},
	);

	it("says where a cut begins and where the next one may go on", () => {
		const input = "\ufeffone\r\n\r\ntwo\nthree";
		const cuts = lines(input, { maxItems: 1 });
		const places = cuts.map((cut) => [cut.startByte, cut.endByte]);
		expect(places).toEqual([
			[3, 8],
			[10, 14],
			[14, 19],
		]);
		for (const cut of cuts) {
			const rest = new LineCutter({
				maxItemBytes: 1000,
				firstIndex: cut.firstIndex + 1,
				startByte: cut.endByte,
			});
			const left = cutAll(rest, Buffer.from(input).subarray(cut.endByte), {
				maxItems: 1,
			});
			expect(left).toEqual(cuts.slice(cut.firstIndex + 1));
		}
	});

	it("takes no more items and bytes than asked, and one item at least", () => {
		const counts = lines("12345\n12345\n12345\n123456789\n", {
			maxBytes: 11,
		}).map(({ count }) => count);
		expect(counts).toEqual([2, 1, 1]);
		expect(lines("12345\n", { maxBytes: 1 })).toHaveLength(1);
	});

	it("copies nothing: pieces are views of the chunks, one for each stretch without a blank line", () => {
		const chunk = Buffer.from("one\ntwo\n\nthree\nfour\n");
		const cutter = new LineCutter({ maxItemBytes: 1000 });
		cutter.push(chunk);
		const cut = cutter.take(100, 1000);
		expect(cut?.pieces.map(String)).toEqual(["one\ntwo\n", "three\nfour"]);
		for (const piece of cut?.pieces ?? [])
			expect(piece.buffer).toBe(chunk.buffer);
	});

	it("passes on what is no UTF-8 as it is", () => {
		const input = Buffer.from([0xff, 0xfe, 10, 0xef, 0xbb]);
		const cuts = lines(input, { chunkBytes: 1, maxItems: 1 });
		expect(cuts.map(bytesOf)).toEqual([
			Buffer.from([0xff, 0xfe]),
			Buffer.from([0xef, 0xbb]),
		]);
	});

	it.each(CHUNK_BYTES)(
		"a line that is too long costs that line only (chunks of %d bytes)",
		(chunkBytes) => {
			const long = "x".repeat(3000);
			const cuts = lines(`a\n${long}\nb\n${long}`, { chunkBytes });
			expect(cuts.map((cut) => [cut.firstIndex, cut.count])).toEqual([
				[0, 1],
				[1, 1],
				[2, 1],
				[3, 1],
			]);
			expect(cuts[1]).toMatchObject({
				startByte: 2,
				endByte: 3003,
				fault: {
					errorType: "TooLargeError",
					message:
						"the line is 3000 bytes, the limit is 1000 bytes; make it smaller, or store it as data and send its address",
				},
			});
			expect(textOf(cuts[1] as never)).toBe(long.slice(0, 1000));
			expect(cuts[3]?.fault).toBeDefined();
		},
	);

	it("holds no more of a line that is too long than the limit and a chunk", () => {
		const maxItemBytes = 1_000_000;
		const chunkBytes = 65536;
		const cutter = new LineCutter({ maxItemBytes });
		let most = 0;
		for (const chunk of chunksOf(Buffer.alloc(11_000_000, 120), chunkBytes)) {
			cutter.push(chunk);
			most = Math.max(most, cutter.bufferedBytes);
			expect(cutter.take(1000, 1_000_000)).toBeUndefined();
		}
		expect(most).toBeLessThanOrEqual(maxItemBytes + 2 * chunkBytes);
		expect(cutter.bufferedBytes).toBe(0);
		cutter.push(Buffer.from("\nb\n"));
		cutter.finish();
		expect(cutter.take(1000, 1000)?.fault).toBeDefined();
		expect(cutter.take(1000, 1000)).toMatchObject({ firstIndex: 1, count: 1 });
	});
});
