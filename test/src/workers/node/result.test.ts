import { describe, expect, it } from "vitest";
import { writeResult } from "../../../../src/workers/node/result.js";

const TYPES = ["json", "text", "binary", "void"];
/** No input that came back. */
const ELSEWHERE = { input: Symbol("none"), body: Buffer.from("0") };

const written = (value: unknown, isBare = false) => {
	const result = writeResult(value, isBare, ELSEWHERE);
	return [TYPES[result.contentType], result.written];
};

const refusal = (value: unknown, origin = ELSEWHERE as object): string => {
	try {
		const result = writeResult(value, false, { ...ELSEWHERE, ...origin });
		return `written as ${result.written}`;
	} catch (error) {
		const { message, error_type } = error as Error & { error_type: string };
		expect(error_type).toBe("AlgorithmError");
		return message.replace("the result cannot be written as JSON: ", "");
	}
};

describe("a result", () => {
	it.each([
		["nothing", undefined, "void", "null"],
		["null", null, "json", "null"],
		["a number", -1.5, "json", "-1.5"],
		["a flag", false, "json", "false"],
		["a list", [1, "a", null], "json", '[1,"a",null]'],
		["an object", { a: { b: [] } }, "json", '{"a":{"b":[]}}'],
		["a text", 'say "hi"\n', "text", '"say \\"hi\\"\\n"'],
		["an empty text", "", "text", '""'],
		["a Buffer", Buffer.from([0, 255, 62]), "binary", '"AP8+"'],
		["a Uint8Array", new Uint8Array([1]), "binary", '"AQ=="'],
		["no bytes", new Uint8Array(), "binary", '""'],
	])("that is %s is written as what it is", (_, value, type, text) => {
		expect(written(value)).toEqual([type, text]);
	});

	it("is bare when that is wanted: no quotes around a text, no base64 of bytes", () => {
		const bytes = Buffer.from([0, 255]);
		expect(written('say "hi"', true)).toEqual(["text", 'say "hi"']);
		expect(written(bytes, true)).toEqual(["binary", bytes]);
		expect(written(undefined, true)).toEqual(["void", ""]);
		expect(written({ a: 1 }, true)).toEqual(["json", '{"a":1}']);
	});

	it("that is a view of a larger memory gives its own bytes only", () => {
		const view = new Uint8Array([9, 1, 2, 9]).subarray(1, 3);
		expect(written(view)).toEqual(["binary", '"AQI="']);
		expect(written(view, true)).toEqual(["binary", Buffer.from([1, 2])]);
	});

	it("with a Date or another toJSON is written as that says", () => {
		const date = new Date(0);
		expect(written(date)).toEqual(["json", '"1970-01-01T00:00:00.000Z"']);
		expect(written({ at: date, own: { toJSON: () => 7 } })[1]).toBe(
			'{"at":"1970-01-01T00:00:00.000Z","own":7}',
		);
	});

	it("drops members that are undefined", () => {
		expect(written({ a: 1, b: undefined })).toEqual(["json", '{"a":1}']);
	});

	it("may hold the same object twice", () => {
		const shared = { a: 1 };
		expect(written([shared, shared])[1]).toBe('[{"a":1},{"a":1}]');
	});

	it("keeps a lone surrogate readable", () => {
		expect(JSON.parse(String(written("\ud800")[1]))).toBe("\ud800");
	});
});

describe("a result that is not JSON", () => {
	const cycle: unknown[] = [1];
	cycle.push({ up: cycle });

	it.each([
		["NaN at its top", Number.NaN],
		["Infinity at /a/1", { a: [0, Number.POSITIVE_INFINITY] }],
		["-Infinity at /0", [Number.NEGATIVE_INFINITY]],
		["a function at its top", () => 1],
		["a function at /b", { a: 1, b() {} }],
		["a symbol at its top", Symbol("s")],
		["a symbol at /list/2", { list: [1, 2, Symbol("s")] }],
		["a BigInt at its top", 1n],
		["a BigInt at /n", { n: 2n ** 64n }],
		["a cycle at /1/up", cycle],
		["NaN at /a~1b/c~0d", { "a/b": { "c~d": Number.NaN } }],
		["NaN at /", { "": Number.NaN }],
	])("is refused, saying where: %s", (where, value) => {
		expect(refusal(value)).toBe(where);
	});

	it("whose toJSON throws is refused with what that threw", () => {
		const value = {
			toJSON() {
				throw new Error("no words for it");
			},
		};
		expect(refusal({ value })).toBe("no words for it");
	});

	it("whose getter throws is refused with what that threw", () => {
		const value = {
			get a() {
				throw new Error("no a today");
			},
		};
		expect(refusal(value)).toBe("no a today");
	});

	it("because it is nested too deeply is refused in words, at whatever depth that is", () => {
		for (let depth = 500; depth < 200_000; depth = Math.ceil(depth * 1.3)) {
			let value: unknown = 1;
			for (let i = 0; i < depth; i++) value = i % 2 ? [value] : { a: value };
			expect(refusal(value)).toMatch(
				/^(written as .*|it is nested too deeply or too long)$/,
			);
		}
	});
});

describe("an input that comes back", () => {
	const echo = (body: string, change = (_: unknown[]) => {}) => {
		const input = JSON.parse(body);
		change(input);
		return refusal(input, { input, body: Buffer.from(body) });
	};

	it("keeps its own spelling", () => {
		expect(echo("[1.0, 12345678901234567890]\r\n")).toBe(
			"written as [1.0, 12345678901234567890]",
		);
	});

	it("is written anew once the author has changed it", () => {
		expect(echo("[1.0]", (list) => list.push(2))).toBe("written as [1,2]");
	});

	it.each([
		["NaN at /0", (list: unknown[]) => list.splice(0, 1, Number.NaN)],
		["a function at /0", (list: unknown[]) => list.splice(0, 1, () => 1)],
	])(
		"is refused like any other for what the author put into it: %s",
		(where, change) => {
			expect(echo("[null]", change)).toBe(where);
		},
	);
});
