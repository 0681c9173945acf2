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
