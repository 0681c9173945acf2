import { describe, expect, it } from "vitest";
import { LANGUAGES } from "../../support/languages.ts";
import {
	BINARY_TYPE,
	head,
	JSON_TYPE,
	shareServer,
	TEXT_TYPE,
} from "../support.ts";

describe.each(LANGUAGES)("in $language", ({ algorithms }) => {
	const server = shareServer({ algorithms });
	const SEEN = "/v1/algo/wire/Seen";

	const seen = async (body: string | Buffer, type: string, more = {}) => {
		const headers = { "Content-Type": type, ...more };
		const response = await server.post(SEEN, body, headers);
		expect(response.status).toBe(200);
		return response.body.result;
	};

	/** superagent always says a type, so a body without one goes by hand. */
	const untyped = (body: string) =>
		server.exchange(head(SEEN, `Content-Length: ${body.length}`), body);

	describe("the input", () => {
		it.each([
			["application/json", "text", '"text"', "text"],
			["application/json", "an object", '{"a":[1]}', { a: [1] }],
			["application/json; charset=UTF-8", "a list", "[1,2]", [1, 2]],
			["Application/JSON;charset=utf-8", "a number", "1", 1],
			["text/plain", "text", "[1,2]", "[1,2]"],
			["text/plain; charset=utf-8", "text", "Grüße, 世界", "Grüße, 世界"],
			["application/text", "text", "null", "null"],
			["APPLICATION/TEXT ; x=y", "text", '"a"', '"a"'],
		])("sent as %s is %s", async (type, _, body, value) => {
			expect(await seen(body, type)).toEqual({ kind: typeof value, value });
		});

		it("sent as bytes is a Buffer of them", async () => {
			const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
			const expected = { kind: "bytes", hex: all.toString("hex") };
			expect(await seen(all, "application/octet-stream")).toEqual(expected);
			expect(await seen(all, "Application/Octet-Stream; a=b")).toEqual(
				expected,
			);
		});

		it("sent as base64 of bytes is the bytes", async () => {
			const base64 = (encoding: string) =>
				seen("AP8+", "application/octet-stream", {
					"Content-Encoding": encoding,
				});
			expect(await base64("base64")).toEqual({ kind: "bytes", hex: "00ff3e" });
			expect(await base64("BASE64")).toEqual({ kind: "bytes", hex: "00ff3e" });
			expect(await base64("identity")).toMatchObject({ hex: "4150382b" });
		});

		it("sent empty is null, an empty text, or no bytes, by its type", async () => {
			expect(await seen("", JSON_TYPE["Content-Type"])).toEqual({
				kind: "null",
				value: null,
			});
			expect(await seen("", TEXT_TYPE["Content-Type"])).toEqual({
				kind: "string",
				value: "",
			});
			expect(await seen("", BINARY_TYPE["Content-Type"])).toEqual({
				kind: "bytes",
				hex: "",
			});
		});

		it("sent without a type is null when empty, JSON when it is JSON", async () => {
			expect(JSON.parse((await untyped("")).body).result.kind).toBe("null");
			const bare = await server.exchange(head(SEEN));
			expect(JSON.parse(bare.body).result.kind).toBe("null");
			const { status, body } = await untyped('{"a":1}');
			expect(status).toBe(200);
			expect(JSON.parse(body).result).toEqual({
				kind: "object",
				value: { a: 1 },
			});
		});

		it("sent with an empty Content-Type is taken for untyped", async () => {
			const { body } = await server.exchange(
				head(SEEN, "Content-Type:", "Content-Length: 3"),
				"[1]",
			);
			expect(JSON.parse(body).result).toEqual({ kind: "object", value: [1] });
		});
	});

	describe("a body that is refused", () => {
		const refused = async (body: string, headers: Record<string, string>) => {
			const response = await server.post(SEEN, body, headers);
			expect(response.headers["content-type"]).toMatch(/^application\/json/);
			expect(response.headers["x-error-message"]).toBe(
				response.body.error.message.replace(/[^ -~]+/g, "?"),
			);
			expect(response.headers["x-request-id"]).toMatch(/^req-/);
			return { status: response.status, error: response.body.error };
		};

		it.each(["{", "hello", "[1,]", '{"a":\n}', "世界"])(
			"%j is malformed JSON: 400 with code 6001",
			async (body) => {
				const { status, error } = await refused(body, JSON_TYPE);
				expect(status).toBe(400);
				expect(error).toEqual({
					code: 6001,
					message: expect.stringMatching(
						/^Failed to parse input, input was not valid JSON/,
					),
				});
			},
		);

		it("is not JSON and has no type: 400 naming what is missing", async () => {
			const { status, body, headers } = await untyped("hello");
			expect(status).toBe(400);
			expect(JSON.parse(body).error).toEqual({
				code: 6001,
				message: expect.stringContaining("missing Content-Type"),
			});
			expect(headers["x-error-message"]).toContain("missing Content-Type");
		});

		it.each([
			"image/png",
			"application/x-www-form-urlencoded",
			"multipart/form-data; boundary=x",
			"application/xml",
			"application/jsonp",
			"text/html",
			"banana",
			"*/*",
		])("is of the type %s: 415 with the contract's words", async (type) => {
			const { status, error } = await refused("x", { "Content-Type": type });
			expect(error.message).toMatch(/^unsupported Content-Type '/);
			expect(error.message).toContain(`unsupported Content-Type '${type}'`);
			expect(status).toBe(415);
		});

		it.each(["%%%", "QQ=Q", "A"])("is %j and no base64: 400", async (body) => {
			const { status, error } = await refused(body, {
				...BINARY_TYPE,
				"Content-Encoding": "base64",
			});
			expect(status).toBe(400);
			expect(error).toEqual({
				code: 6001,
				message: expect.stringContaining("base64"),
			});
		});

		it.each([
			["gzip", BINARY_TYPE],
			["base64", JSON_TYPE],
			["br", TEXT_TYPE],
		])(
			"has the encoding %s, which its type does not allow: 400",
			async (encoding, type) => {
				const { status, error } = await refused("AP8+", {
					...type,
					"Content-Encoding": encoding,
				});
				expect(status).toBe(400);
				expect(error).toMatchObject({
					code: 6001,
					message: expect.stringContaining(`'${encoding}'`),
				});
			},
		);
	});
});
