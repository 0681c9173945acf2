import { describe, expect, it } from "vitest";
import { LANGUAGES } from "../../support/languages.ts";
import { until } from "../../support/until.ts";
import { shareServer } from "../support.ts";

describe.each(LANGUAGES)("in $language", ({ language, algorithms }) => {
	const server = shareServer({ algorithms, maxOutputBytes: 1000 });

	describe("output=raw", () => {
		it.each([
			["text", "text/plain; charset=utf-8", "Grüße, 世界\n"],
			["empty text", "text/plain; charset=utf-8", ""],
			[
				"json",
				"application/json; charset=utf-8",
				'{"list":[1,null,"a"],"ok":true}',
			],
			["number", "application/json; charset=utf-8", "0.5"],
			["null", "application/json; charset=utf-8", "null"],
			...(language === "JavaScript"
				? [["void", "text/plain; charset=utf-8", ""]]
				: []),
		])("answers %s as %s and nothing else", async (name, contentType, text) => {
			const response = await server.call("Result?output=raw", name);
			expect(response.status).toBe(200);
			expect(response.headers["content-type"]).toBe(contentType);
			expect(response.headers["content-length"]).toBe(
				String(Buffer.byteLength(text)),
			);
			expect(response.text).toBe(text);
		});

		it("answers bytes as bytes", async () => {
			const response = await server.call("Result?output=raw", "binary");
			expect(response.headers["content-type"]).toBe("application/octet-stream");
			expect(response.body).toEqual(Buffer.from([0, 255, 62, 10]));
		});

		it("says duration and request id in headers", async () => {
			const { headers } = await server.call("Result?output=raw", "text");
			expect(Number(headers["x-algorithmia-duration"])).toBeGreaterThan(0);
			expect(headers["x-request-id"]).toMatch(/^req-/);
		});

		it("answers the algorithm's error as 400, in the envelope and in the header", async () => {
			const { status, headers, body } = await server.call(
				"Result?output=raw",
				"message in quotes",
			);
			expect(status).toBe(400);
			expect(headers["content-type"]).toMatch(/^application\/json/);
			expect(body.error.message).toBe('not "that"\nplease: ü');
			expect(body.error.error_type).toBe("AlgorithmError");
			expect(body.metadata.duration).toBeGreaterThan(0);
			expect(headers["x-error-message"]).toBe('not "that"?please: ?');
		});

		it.each([
			["Wait?timeout=0.1", 60_000, "TimeoutError"],
			["NoApply/1.0.0?timeout=5", 1, "LoadingError"],
			["Large?timeout=5", { bytes: 1001 }, "TooLargeError"],
		])("answers a failure of %s as 400 too", async (path, input, errorType) => {
			const { status, headers, body } = await server.call(
				`${path}&output=raw`,
				input,
			);
			expect(status).toBe(400);
			expect(body.error.error_type).toBe(errorType);
			expect(headers["x-error-message"]).toBe(body.error.message);
		});
	});

	describe("output=void", () => {
		it("is answered at once with exactly two members, before the algorithm ends", async () => {
			const response = await server.call("Wait?output=void", 300);
			expect(response.status).toBe(200);
			expect(response.headers["content-type"]).toMatch(/^application\/json/);
			expect(response.text).toMatch(
				/^\{"async":"void","request_id":"req-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"\}$/,
			);
			const id = response.body.request_id;
			const line = () =>
				server.log.find(
					({ msg, requestId }) => msg === "call" && requestId === id,
				);
			expect(line()).toBeUndefined();
			const call = await until("the call has ended", line);
			expect(call).toMatchObject({ outcome: "ok" });
		});

		it("keeps the caller's request id", async () => {
			const { body, headers } = await server.call("Echo?output=void", 1, {
				"X-Request-Id": "my-own-1",
			});
			expect(body).toEqual({ async: "void", request_id: "my-own-1" });
			expect(headers["x-request-id"]).toBe("my-own-1");
		});

		it("is still bounded by its timeout", async () => {
			const { body } = await server.call(
				"Wait?output=void&timeout=0.1",
				60_000,
			);
			const call = await until("the call has ended", () =>
				server.log.find(
					({ msg, requestId }) =>
						msg === "call" && requestId === body.request_id,
				),
			);
			expect(call).toMatchObject({ outcome: "TimeoutError" });
		});

		it.each([
			["Nobody?output=void", {}, 404],
			["Echo?output=void&timeout=0", {}, 400],
			["Echo?output=void", { "Content-Type": "image/png" }, 415],
		])(
			"does not hide what can be checked before: %s %o is %i",
			async (path, headers, status) => {
				expect((await server.call(path, 1, headers)).status).toBe(status);
			},
		);
	});

	describe("the output limit", () => {
		it.each([
			["text", 998],
			["list", 996],
			["binary", 747],
		])("is measured on the result as it is written: %s", async (as, bytes) => {
			const fits = await server.call("Large", { bytes, as });
			expect(fits.body.error).toBeUndefined();
			const tooLarge = await server.call("Large", { bytes: bytes + 3, as });
			expect(tooLarge.status).toBe(200);
			expect(tooLarge.body.error.error_type).toBe("TooLargeError");
			expect(tooLarge.body.error.message).toMatch(
				/\b100[1-4] bytes.* limit of 1000 bytes/,
			);
			expect(tooLarge.body).not.toHaveProperty("result");
		});

		it("is not passed by the envelope around the result", async () => {
			const { body } = await server.call("Large", { bytes: 990 });
			expect(body.result).toHaveLength(990);
		});

		it("holds for an echo too", async () => {
			const { body } = await server.call("Echo", ["x".repeat(1000)]);
			expect(body.error.error_type).toBe("TooLargeError");
		});
	});
});
