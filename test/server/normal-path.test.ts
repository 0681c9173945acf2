import { describe, expect, it } from "vitest";
import { normalPath } from "../../server/normal-path.ts";
import { head, shareServer } from "./support.ts";

describe("a path", () => {
	it.each([
		["/v1/algo/demo/Hello", "/v1/algo/demo/Hello"],
		["/v1/algo/demo/Hello/?a=//b/", "/v1/algo/demo/Hello?a=//b/"],
		["//v1/algo/demo/Hello", "/v1/algo/demo/Hello"],
		["////v1/algo/demo/Hello///", "/v1/algo/demo/Hello"],
		["/v1/algo/algo://demo/Hello/0.1.1", "/v1/algo/demo/Hello/0.1.1"],
		["/v1/algo/algo:/demo/Hello?", "/v1/algo/demo/Hello?"],
		["/v1/web/algo/algo://demo/Hello", "/v1/web/algo/demo/Hello"],
		["//v1/algo/algo://demo/Hello/", "/v1/algo/demo/Hello"],
		["/v1/algo/demo/Hello?x=algo://y", "/v1/algo/demo/Hello?x=algo://y"],
		["/", "/"],
		["//", "/"],
		["/?a=1", "/?a=1"],
	])("%s is routed as %s", (path, routed) => {
		expect(normalPath(path)).toBe(routed);
	});
});

describe("a call", () => {
	const server = shareServer();

	it.each([
		"/v1/algo/wire/Echo",
		"/v1/algo/wire/Echo/",
		"/v1/algo/wire/Echo/1.0.0//?timeout=5",
		"//v1/algo/wire/Echo/1.0.0",
		"/v1/algo/algo://wire/Echo/1.0.0",
		"/v1/algo/algo:/wire/Echo",
		"//v1/algo/algo://wire/Echo/?",
		"/v1/algo/WIRE/eCHO",
		"/v1/algo/wire/Ech%6F",
		"http://127.0.0.1/v1/algo/wire/Echo",
	])("to %s arrives", async (path) => {
		const headers = ["Content-Type: text/plain", "Content-Length: 2"];
		const { status, body } = await server.exchange(
			head(path, ...headers),
			"hi",
		);
		expect(JSON.parse(body).result).toBe("hi");
		expect(status).toBe(200);
	});

	it.each(["/v1/algo/wire/%zz", "/v1/algo/wire/%E0%A4%A"])(
		"to %s, which cannot be decoded, is 400 in the envelope",
		async (path) => {
			const { status, headers, body } = await server.exchange(head(path));
			expect(status).toBe(400);
			expect(headers["content-type"]).toMatch(/^application\/json/);
			expect(JSON.parse(body)).toEqual({
				error: { code: 6001, message: expect.any(String) },
			});
			expect(headers["x-error-message"]).toBe(JSON.parse(body).error.message);
		},
	);

	it.each([
		"/v1/algo/wire/Echo/1.0.0/more",
		"/v1/algo/wire",
		"/v1/algo/wire/..%2f..%2fetc",
		"/v1/algo/wire/Ec%00ho",
		"/v1/algo/__proto__/constructor",
		"/v2/algo/wire/Echo",
	])("to %s is 404 as JSON", async (path) => {
		const { status, headers, body } = await server.exchange(head(path));
		expect(status).toBe(404);
		expect(headers["content-type"]).toMatch(/^application\/json/);
		expect(JSON.parse(body).error.message).toEqual(expect.any(String));
	});

	it("to a name longer than any can be is an error in the envelope", async () => {
		const { status, headers, body } = await server.exchange(
			head(`/v1/algo/wire/${"x".repeat(5000)}`),
		);
		expect([404, 414]).toContain(status);
		expect(headers["content-type"]).toMatch(/^application\/json/);
		expect(JSON.parse(body).error.message).toEqual(expect.any(String));
	});
});
