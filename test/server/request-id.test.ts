import { describe, expect, it } from "vitest";
import { until } from "../support/until.ts";
import { head, shareServer } from "./support.ts";

const server = shareServer();
const MADE = /^req-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

describe("a request id", () => {
	it.each([
		"a",
		"my-own-1",
		"0af7651916cd43dd:b7ad6b7169203331",
		"x".repeat(128),
	])("of the caller's own is kept when it is sane: %s", async (id) => {
		const { body, headers } = await server.call("Context", 1, {
			"X-Request-Id": id,
		});
		expect(headers["x-request-id"]).toBe(id);
		expect(body.metadata.request_id).toBe(id);
		expect(body.result.requestId).toBe(id);
	});

	it.each([
		"",
		"two words",
		'quote"d',
		"back\\slash",
		"x".repeat(129),
		"a,b",
		"{}",
		"gr\u00fc\u00dfe",
		"tab\there",
	])("of the caller's that is not sane is replaced: %j", async (id) => {
		const { headers, body } = await server.exchange(
			Buffer.from(head("/v1/algo/wire/Echo", `X-Request-Id: ${id}`), "latin1"),
		);
		expect(headers["x-request-id"]).toMatch(MADE);
		expect(JSON.parse(body).metadata.request_id).toBe(headers["x-request-id"]);
	});

	it("given twice is replaced", async () => {
		const { headers } = await server.exchange(
			head("/v1/algo/wire/Echo", "X-Request-Id: a", "X-Request-Id: b"),
		);
		expect(headers["x-request-id"]).toMatch(MADE);
	});

	it("cannot carry a header of its own into the answer", async () => {
		for (const lineEnd of ["\r", "\n", "\r\n ", "%0d%0a"]) {
			const { headers, status } = await server.exchange(
				head("/v1/algo/wire/Echo", `X-Request-Id: a${lineEnd}X-Evil: 1`),
			);
			expect(headers).not.toHaveProperty("x-evil");
			expect([200, 400]).toContain(status);
			expect(headers["x-request-id"] ?? "").not.toContain("vil");
		}
	});

	it("is new for each request", async () => {
		const ids = await Promise.all(
			Array.from({ length: 20 }, async () => {
				const { headers } = await server.call("Echo", 1);
				return headers["x-request-id"];
			}),
		);
		expect(new Set(ids).size).toBe(20);
	});

	it.each([
		["GET", "/livez"],
		["GET", "/readyz"],
		["GET", "/metrics"],
		["GET", "/nowhere"],
		["POST", "/v1/algo/wire/Nobody"],
		["POST", "/v1/algo/wire/%zz"],
		["POST", "/v1/algo/wire/Echo?timeout=0"],
	])("is on every answer: %s %s", async (method, path) => {
		const { headers } = await server.exchange(
			head(path, "X-Request-Id: mine").replace("POST", method),
		);
		expect(headers["x-request-id"]).toBe("mine");
	});

	it("is on the one log line of its call, with what the call was", async () => {
		await server.call("Echo", "four", { "X-Request-Id": "logged-1" });
		const lines = () =>
			server.log.filter(({ requestId }) => requestId === "logged-1");
		await until("the line is written", () => lines().length > 0);
		await server.call("Echo", "later", { "X-Request-Id": "logged-2" });
		await until("a later line is written", () =>
			server.log.some(({ requestId }) => requestId === "logged-2"),
		);
		expect(lines()).toEqual([
			{
				level: "info",
				time: expect.any(String),
				msg: "call",
				algorithm: "wire/Echo/1.0.0",
				requestId: "logged-1",
				account: "local",
				outcome: "ok",
				totalMs: expect.any(Number),
				runMs: expect.any(Number),
				bytesIn: 6,
				bytesOut: expect.any(Number),
			},
		]);
	});
});
