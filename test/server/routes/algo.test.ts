import { describe, expect, it } from "vitest";
import { LANGUAGES } from "../../support/languages.ts";
import { head, shareServer } from "../support.ts";

describe.each(LANGUAGES)("in $language", ({ language, module, algorithms }) => {
	const server = shareServer({ algorithms });
	const UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";

	describe("the answer of a call", () => {
		const returned: [name: string, contentType: string, result: unknown][] = [
			["text", "text", "Grüße, 世界\n"],
			["empty text", "text", ""],
			["json", "json", { list: [1, null, "a"], ok: true }],
			["number", "json", 0.5],
			["flag", "json", false],
			["null", "json", null],
			["list", "json", []],
			["binary", "binary", "AP8+Cg=="],
			["array", "binary", "AQI="],
			["no bytes", "binary", ""],
			...(language === "JavaScript"
				? ([["void", "void", null]] as [string, string, unknown][])
				: []),
			["later", "text", "later"],
		];
		it.each(returned)(
			"that returned %s has content_type %s and the result",
			async (name, contentType, result) => {
				const { status, body } = await server.call("Result", name);
				expect(status).toBe(200);
				expect(body).toEqual({
					result,
					metadata: {
						content_type: contentType,
						duration: expect.any(Number),
						request_id: expect.stringMatching(new RegExp(`^req-${UUID}$`)),
					},
				});
				expect(body.metadata.duration).toBeGreaterThan(0);
			},
		);

		it("is JSON by name, with its length, request id and reason phrase", async () => {
			const response = await server.call("Result", "text");
			expect(response.headers).toMatchObject({
				"content-type": "application/json; charset=utf-8",
				"content-length": String(Buffer.byteLength(response.text)),
				"x-request-id": response.body.metadata.request_id,
			});
			expect(response.headers["x-error-message"]).toBeUndefined();
			const raw = await server.exchange(head("/v1/algo/wire/Echo"));
			expect(raw.statusLine).toBe("HTTP/1.1 200 OK");
		});

		it("gives the duration in seconds of the run, not in milliseconds", async () => {
			const { body } = await server.call("Wait", 50);
			expect(body.metadata.duration).toBeGreaterThanOrEqual(0.045);
			expect(body.metadata.duration).toBeLessThan(45);
		});
	});

	describe("the answer of a call that failed", () => {
		it.each([
			["error", "too far", "AlgorithmError"],
			["typed", "no more", "QuotaError"],
			["camel", "no more", "QuotaError"],
			["number", "no type", "AlgorithmError"],
		])(
			"with an Error (%s) is 200 with message, type and the stack under both names",
			async (what, message, errorType) => {
				for (const later of [false, true]) {
					const { status, body } = await server.call("Throws", { what, later });
					expect(status).toBe(200);
					expect(body).toEqual({
						error: {
							message,
							error_type: errorType,
							stacktrace: expect.stringContaining(`Throws/1.0.0/${module}`),
							stack_trace: body.error.stacktrace,
						},
						metadata: {
							duration: expect.any(Number),
							request_id: expect.stringMatching(/^req-/),
						},
					});
					expect(body.error.stacktrace).not.toContain("src/workers/");
					expect(body.metadata.duration).toBeGreaterThan(0);
				}
			},
		);

		it.each(
			language === "JavaScript"
				? [
						["text", "just a text"],
						["null", "null"],
						[
							"hostile",
							"the algorithm threw something that cannot be described",
						],
					]
				: [["hostile", "a Hostile that cannot be described"]],
		)(
			"with what is no Error (%s) has a message and no stack",
			async (what, message) => {
				const { status, body } = await server.call("Throws", { what });
				expect(status).toBe(200);
				expect(body.error).toEqual({ message, error_type: "AlgorithmError" });
			},
		);

		it.each([
			["NaN", "NaN at /rows/1"],
			...(language === "JavaScript"
				? [["BigInt", "a BigInt at /n"]]
				: [
						["Infinity", "-Infinity at /a~1b/c~0"],
						["decimal", "a Decimal at /n"],
						["set", "a set at its top"],
						["key", "a key that is a tuple at /0"],
						["bytes inside", "a bytes at /a/0"],
					]),
		])("because its result is no JSON says where: %s", async (name, where) => {
			const { status, body } = await server.call("Result", name);
			expect(status).toBe(200);
			expect(body.error).toMatchObject({
				message: `the result cannot be written as JSON: ${where}`,
				error_type: "AlgorithmError",
			});
			expect(body).not.toHaveProperty("result");
		});

		it("at its timeout is 200 with the contract's words and no stack", async () => {
			const { status, body } = await server.call("Wait?timeout=0.2", 60_000);
			expect(status).toBe(200);
			expect(body).toEqual({
				error: {
					message:
						"Failed to run algorithm - may have timed-out or hit out-of-memory error",
					error_type: "TimeoutError",
				},
				metadata: {
					duration: expect.any(Number),
					request_id: expect.stringMatching(/^req-/),
				},
			});
			expect(body.metadata.duration).toBeGreaterThan(0);
		});

		it("has the author's own type unchanged, however odd", async () => {
			const { body } = await server.call("Throws", { what: "odd" });
			expect(body.error).toMatchObject({
				message: "no more",
				error_type: `Quota exceeded 世界 "${"x".repeat(300)}"`,
			});
		});

		it("leaves the worker as it was for the next call", async () => {
			await server.call("Throws", { what: "error" });
			const { body } = await server.call("Throws", { what: "typed" });
			expect(body.error.message).toBe("no more");
		});
	});
});
