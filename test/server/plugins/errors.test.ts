import { describe, expect, it } from "vitest";
import { head, shareServer } from "../support.ts";

const server = shareServer();

describe("an address that is none", () => {
	it.each([
		["GET", "/nowhere"],
		["GET", "/v1"],
		["POST", "/v1/algo"],
		["DELETE", "/livez"],
		["PUT", "/v1/algo/wire/Echo"],
		["GET", "/v1/algo/wire/Echo"],
		["GET", "/v1/algo/wire/Echo/1.0.0"],
		["PATCH", "/"],
	])("is 404 as JSON: %s %s", async (method, path) => {
		const { status, statusLine, headers, body } = await server.exchange(
			head(path).replace("POST", method),
		);
		expect(status).toBe(404);
		expect(statusLine).toBe("HTTP/1.1 404 Not Found");
		expect(headers["content-type"]).toMatch(/^application\/json/);
		const { error } = JSON.parse(body);
		expect(error.message).toBe(
			`${method} ${path} is no address of this server`,
		);
		expect(headers["x-error-message"]).toBe(error.message);
		expect(headers["x-request-id"]).toMatch(/^req-/);
	});

	it("is told of in the header alone for HEAD, which has no body", async () => {
		const { status, headers, body } = await server.exchange(
			head("/nowhere").replace("POST", "HEAD"),
		);
		expect(status).toBe(404);
		expect(body).toBe("");
		expect(headers["x-error-message"]).toContain("is no address");
	});

	it("is echoed in one short line, whatever it is", async () => {
		const path = `/${"x".repeat(3000)}`;
		const { headers } = await server.exchange(head(path));
		expect(headers["x-error-message"]?.length).toBeLessThanOrEqual(1024);
	});
});

describe("an error message in a header", () => {
	it("is one line of ASCII, at most 1 KiB, while the body has all of it", async () => {
		const type = `Content-Type: image/${"x".repeat(2000)}`;
		const { status, headers, body } = await server.exchange(
			head("/v1/algo/wire/Echo", type, "Content-Length: 1"),
			"x",
		);
		expect(status).toBe(415);
		expect(headers["x-error-message"]).toHaveLength(1024);
		expect(JSON.parse(body).error.message.length).toBeGreaterThan(2000);
	});

	it("has no line break of the caller's", async () => {
		const { headers, body } = await server.exchange(
			head("/v1/algo/wire/a%0d%0aX-Evil:%201%0d%0a%0d%0a%C3%BC"),
		);
		expect(headers).not.toHaveProperty("x-evil");
		expect(headers["x-error-message"]).toBe(
			"algorithm algo://wire/a?X-Evil: 1? not found",
		);
		expect(JSON.parse(body).error.message).toBe(
			"algorithm algo://wire/a\r\nX-Evil: 1\r\n\r\nü not found",
		);
	});
});
