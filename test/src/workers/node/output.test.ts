import { describe, expect, it } from "vitest";
import { Output } from "../../../../src/workers/node/output.js";

const KEPT = 64 * 1024;

const printed = (...chunks: (string | Buffer)[]) => {
	const output = new Output();
	for (const chunk of chunks) output.push(Buffer.from(chunk as string));
	return output;
};

describe("the output of a call", () => {
	it("is empty until something is printed", () => {
		expect(printed().isEmpty).toBe(true);
		expect(printed().text).toBe("");
		expect(printed("").isEmpty).toBe(true);
		expect(printed("x").isEmpty).toBe(false);
	});

	it("is all that was printed, in order", () => {
		expect(printed("one\n", "two\n", "世界\n").text).toBe("one\ntwo\n世界\n");
	});

	it("joins a character that was printed in two parts", () => {
		const bytes = Buffer.from("世");
		expect(printed(bytes.subarray(0, 1), bytes.subarray(1)).text).toBe("世");
	});

	it("is kept whole up to 64 KiB", () => {
		const output = printed("a".repeat(KEPT));
		expect(output.omitted).toBe(0);
		expect(output.text).toBe("a".repeat(KEPT));
	});

	it("loses its beginning beyond that, and says how much", () => {
		const output = printed("b", "a".repeat(KEPT));
		expect(output.omitted).toBe(1);
		expect(output.text).toBe(
			`[stdout truncated: 1 bytes omitted]\n${"a".repeat(KEPT)}`,
		);
	});

	it("counts everything that was lost, over many cuts", () => {
		const output = new Output();
		const line = Buffer.from("0123456789\n");
		const lines = 40_000;
		for (let i = 0; i < lines; i++) output.push(line);
		const kept = output.text.slice(output.text.indexOf("\n") + 1);
		expect(output.omitted).toBe(lines * line.length - KEPT);
		expect(Buffer.byteLength(kept)).toBe(KEPT);
		expect(kept.endsWith("0123456789\n")).toBe(true);
	});

	it.each([1, 2, 3, 4])(
		"is cut between characters, never inside one, with %i bytes before them",
		(shift) => {
			const output = printed("x".repeat(shift), "👋".repeat(KEPT / 2));
			const kept = output.text.slice(output.text.indexOf("\n") + 1);
			expect(kept).toMatch(/^(👋)+$/u);
			expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(KEPT);
			expect(Buffer.byteLength(kept) + output.omitted).toBe(shift + 2 * KEPT);
		},
	);

	it("can be read more than once", () => {
		const output = printed("x".repeat(3 * KEPT));
		expect(output.text).toBe(output.text);
		output.push(Buffer.from("end"));
		expect(output.text.endsWith("xend")).toBe(true);
		expect(output.omitted).toBe(2 * KEPT + 3);
	});
});
