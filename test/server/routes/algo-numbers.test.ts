import { describe, expect, it } from "vitest";
import { LANGUAGES } from "../../support/languages.ts";
import { JSON_TYPE, shareServer } from "../support.ts";

describe.each(LANGUAGES)("in $language", ({ language, algorithms }) => {
	const server = shareServer({ algorithms });

	/** The result as it stands in the answer, before anything parses it. */
	async function resultText(algorithm: string, body: string, query = "") {
		const path = `/v1/algo/wire/${algorithm}${query}`;
		const { text } = await server.post(path, body, JSON_TYPE);
		return query
			? text
			: text.slice('{"result":'.length, text.indexOf(',"metadata"'));
	}

	const SPELLINGS = [
		"1.0",
		"1e2",
		"-0",
		"-0.0",
		"1152921504606846976",
		"12345678901234567890",
		"0.1000000000000000055511151231257827",
	];

	describe("an input that comes back untouched", () => {
		it.each(SPELLINGS)(
			"keeps the spelling of the number %s",
			async (number) => {
				expect(await resultText("Echo", number)).toBe(number);
			},
		);

		it.each(SPELLINGS)(
			"keeps %s in a list and in an object",
			async (number) => {
				const list = `[${number},[${number}]]`;
				expect(await resultText("Echo", list)).toBe(list);
				const object = `{"a":${number},"b":{"c":[${number}]}}`;
				expect(await resultText("Echo", object)).toBe(object);
			},
		);

		it("keeps them in a raw answer", async () => {
			const list = "[1.0,12345678901234567890]";
			expect(await resultText("Echo", list, "?output=raw")).toBe(list);
			expect(await resultText("Echo", "1.0", "?output=raw")).toBe("1.0");
		});

		it("keeps its spaces, and its line breaks as spaces", async () => {
			expect(await resultText("Echo", '[1.0,\r\n {"a" : 2.0}]\n')).toMatch(
				/^\[1\.0,\s+\{"a" : 2\.0\}\]$/,
			);
		});

		it("keeps a line break inside a text", async () => {
			expect(await resultText("Echo", '["a\\nb",1.0]')).toBe('["a\\nb",1.0]');
		});

		it("keeps a text beyond ASCII", async () => {
			expect(await resultText("Echo", '["世界",1.0]')).toBe('["世界",1.0]');
		});

		it("keeps its spelling after a byte order mark", async () => {
			expect(await resultText("Echo", "\uFEFF[1.0]")).toBe("[1.0]");
		});
	});

	describe("an input that comes back changed", () => {
		it("is written anew", async () => {
			const one = language === "Python" ? "1.0" : "1"; // JavaScript knows no other

			expect(await resultText("Changes", "[1.0]")).toBe(`[${one},1]`);
			expect(await resultText("Changes", '{"a":1.0}')).toBe(
				`{"a":${one},"n":1}`,
			);
			expect(await resultText("Changes", '{"n":2.0}')).toBe('{"n":1}');
		});
	});
});
