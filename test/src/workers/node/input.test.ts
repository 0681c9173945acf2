import { describe, expect, it } from "vitest";
import { InputKind } from "../../../../src/protocol/frames.js";
import { RefusedInput, readInput } from "../../../../src/workers/node/input.js";

const read = (kind: number, body: string | Buffer) =>
	readInput(kind, Buffer.from(body as string));

const refusal = (kind: number, body: string): string => {
	try {
		return `read as ${JSON.stringify(read(kind, body))}`;
	} catch (error) {
		expect(error).toBeInstanceOf(RefusedInput);
		return (error as Error).message;
	}
};

describe("a JSON body", () => {
	it.each([
		['{"a":[1,null]}', { a: [1, null] }],
		["null", null],
		["1", 1],
		['"text"', "text"],
		[" [ ]\r\n", []],
		["\uFEFF[1]", [1]],
		['{"__proto__":{"x":1}}', JSON.parse('{"__proto__":{"x":1}}')],
		["", null],
	])("%j is its value", (body, value) => {
		expect(read(InputKind.JSON, body)).toEqual(value);
	});

	it.each(["{", "[1,]", "NaN", "'a'", "undefined", '"\n"', " ", "1 2"])(
		"%j is refused in the contract's words",
		(body) => {
			expect(refusal(InputKind.JSON, body)).toMatch(
				/^Failed to parse input, input was not valid JSON/,
			);
		},
	);
});

describe("a body without a type", () => {
	it("is null when empty, and JSON when it can be", () => {
		expect(read(InputKind.UNTYPED, "")).toBeNull();
		expect(read(InputKind.UNTYPED, '{"a":1}')).toEqual({ a: 1 });
	});

	it("is refused otherwise, naming what is missing", () => {
		expect(refusal(InputKind.UNTYPED, "hello")).toContain(
			"missing Content-Type",
		);
	});
});

describe("a text body", () => {
	it("is the text as UTF-8, whatever is in it", () => {
		for (const text of ["", "null", '"quoted"', "Grüße, 世界 👋", "a\r\n\0b"])
			expect(read(InputKind.TEXT, text)).toBe(text);
	});
});

describe("a binary body", () => {
	it("is its bytes, as a Buffer of its own", () => {
		const body = Buffer.from([0, 128, 255]);
		const input = readInput(InputKind.BINARY, body) as Buffer;
		expect(Buffer.isBuffer(input)).toBe(true);
		expect(input).toEqual(body);
		body[0] = 7;
		expect(input[0]).toBe(0);
	});

	it("may be empty", () => {
		expect(read(InputKind.BINARY, "")).toEqual(Buffer.alloc(0));
	});
});

describe("a message", () => {
	const deep = "[".repeat(100_000) + "]".repeat(100_000);

	it.each([
		['{"a":[1,null]}', { a: [1, null] }],
		['{\n  "a": [\r\n\t1\n  ]\n}\n', { a: [1] }],
		["null", null],
		["1.5", 1.5],
		['"text"', "text"],
		['"\\ud800"', "\ud800"],
		["\uFEFF[1]", [1]],
		["[[[[1]]]]", [[[[1]]]]],
	])("is JSON if it parses: %j", (body, value) => {
		expect(read(InputKind.MESSAGE, body)).toEqual(value);
	});

	it("is JSON however deep", () => {
		expect(Array.isArray(read(InputKind.MESSAGE, deep))).toBe(true);
	});

	it.each([
		"",
		" ",
		"Grüße, 世界 👋",
		"{",
		"1 2",
		"NaN",
		"-Infinity",
		"undefined",
		"'a'",
		'"\n"',
		"\uFEFF",
		"\uFEFF text",
		"a\r\n\0b",
	])("is text if it does not: %j", (text) => {
		expect(read(InputKind.MESSAGE, text)).toBe(text);
	});

	it.each([
		["bytes that no text has", [0xff, 0xfe]],
		["a character that is cut off", [0x22, 0xe4, 0xb8, 0x22]],
		["half of a surrogate pair", [0x22, 0xed, 0xa0, 0x80, 0x22]],
		["a character that is longer than it need be", [0xc0, 0xaf]],
	])("is bytes if it is no UTF-8: %s", (_, bytes) => {
		const body = Buffer.from(bytes);
		const input = readInput(InputKind.MESSAGE, body) as Buffer;
		expect(input).toEqual(Buffer.from(bytes));
		body[0] = 7;
		expect(input[0]).toBe(bytes[0]);
	});
});

describe("a base64 body", () => {
	it.each([
		["AP8+", [0, 255, 62]],
		["AQ==", [1]],
		["AQI=", [1, 2]],
		["AP8+\r\nAQ==\r\n", [0, 255, 62, 1]],
		["", []],
	])("%j is its bytes", (body, bytes) => {
		expect(read(InputKind.BASE64, body)).toEqual(Buffer.from(bytes));
	});

	it.each(["%%%", "AQ-_", "A=Q=", "AQ===", "世界", "A", "AAAAA"])(
		"%j is refused: it is no base64",
		(body) => {
			expect(refusal(InputKind.BASE64, body)).toContain(
				"Content-Encoding is base64 and the body is not",
			);
		},
	);
});
