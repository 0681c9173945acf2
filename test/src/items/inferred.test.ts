import { describe, expect, it } from "vitest";
import { inferred } from "../../../src/items/inferred.ts";

const AS_IT_IS = [
	...["0", "-0", "7", "-12", "9007199254740991", "-9007199254740991"],
	...["1.5", "1.10", "0.001", "1e5", "-2.5E-3", "1e308", "0e999", "0.0"],
	...["0.30000000000000004", "123456789012.345", "true", "false"],
];
const TEXT = [
	...["007", "+1", "1.", ".5", "1e400", "-1e400", "1e-400", "0x10", "1_000"],
	...["9007199254740993", "12345678901234567890", "0.1234567890123456789"],
	...["NaN", "Infinity", "True", "null", " 1", "1 ", "1,5", "text", '"'],
];

describe("types told from the text of a cell", () => {
	it.each(AS_IT_IS)("%s stands in the JSON as it is", (cell) => {
		expect(inferred(cell)).toBe(cell);
		expect(JSON.parse(inferred(cell))).not.toBeTypeOf("string");
	});

	it.each(TEXT)("%j stays text, every character of it", (cell) => {
		expect(JSON.parse(inferred(cell))).toBe(cell);
	});

	it("an empty cell is null", () => {
		expect(inferred("")).toBe("null");
	});
});
