import { beforeAll, describe, expect, it } from "vitest";
import { keyFor } from "../keys.ts";
import { head, JSON_TYPE, shareServer } from "../support.ts";

const server = shareServer({ auth: "keys", maxInputBytes: 1000 });
const ECHO = "/v1/web/algo/wire/Echo";
let key: { Authorization: string };
beforeAll(async () => {
	key = await keyFor(server.store, "ada");
});

const post = (
	path: string,
	headers: Record<string, string>,
	body: string | Buffer = '"hi"',
) => server.post(path, body, { ...JSON_TYPE, ...headers });

describe("what a browser asks before it calls", () => {
	it("is answered without a key, with what it asked for", async () => {
		const { status, headers, body } = await server.exchange(
			head(
				ECHO,
				"Origin: https://example.com",
				"Access-Control-Request-Method: POST",
				"Access-Control-Request-Headers: authorization,content-type,x-mine",
			).replace("POST", "OPTIONS"),
		);
		expect([status, body]).toEqual([204, ""]);
		expect(headers).toMatchObject({
			"access-control-allow-origin": "*",
			"access-control-allow-methods": "POST, OPTIONS",
			"access-control-allow-headers": "authorization,content-type,x-mine",
			"access-control-max-age": expect.stringMatching(/^\d+$/),
		});
	});

	it.each([
		"/v1/web/algo/algo://wire/Echo/",
		"/v1/web/algo/wire/Echo/1.0.0?timeout=1",
		"/v1/web/algo/no/Such",
	])("is answered for %s", async (path) => {
		const { status, headers } = await server.exchange(
			head(path).replace("POST", "OPTIONS"),
		);
		expect(status).toBe(204);
		expect(headers["access-control-allow-headers"]).toBe(
			"Authorization, Content-Type, Accept",
		);
	});

	it("is not for /v1/algo", async () => {
		const { status, headers } = await server.exchange(
			head("/v1/algo/wire/Echo").replace("POST", "OPTIONS"),
		);
		expect(status).toBe(404);
		expect(headers).not.toHaveProperty("access-control-allow-origin");
	});
});

describe("a call from a browser", () => {
	it.each([
		ECHO,
		`${ECHO}/1.0.0`,
		`${ECHO}/`,
		"/v1/web/algo/algo://wire/Echo",
		`${ECHO}?output=raw`,
		`${ECHO}?output=void`,
	])("to %s is answered, and any page may read it", async (path) => {
		const { status, headers } = await post(path, key);
		expect(status).toBe(200);
		expect(headers["access-control-allow-origin"]).toBe("*");
		expect(headers["content-type"]).toBeDefined();
		expect(headers["x-request-id"]).toMatch(/^req-/);
	});

	it.each<[number, string, Record<string, string>, (string | Buffer)?]>([
		[401, ECHO, {}],
		[401, ECHO, { Authorization: "simabcd123" }],
		[404, "/v1/web/algo/wire/NoSuch", {}],
		[404, "/v1/web/nothing", {}],
		[400, `${ECHO}?timeout=0`, {}],
		[400, ECHO, {}, "{"],
		[413, ECHO, {}, `"${"x".repeat(2000)}"`],
		[415, ECHO, { "Content-Type": "image/png" }],
		[400, "/v1/web/algo/wire/%ZZ", {}],
	])(
		"that is %i (%s %j) is so in a way that any page may read",
		async (expected, path, headers, body) => {
			const isOurs = expected !== 401;
			const answer = await post(path, { ...(isOurs && key), ...headers }, body);
			expect(answer.status).toBe(expected);
			expect(answer.headers["access-control-allow-origin"]).toBe("*");
			expect(answer.body.error.message).toEqual(expect.any(String));
		},
	);

	it("to an algorithm that fails is 200, as elsewhere", async () => {
		const path = "/v1/web/algo/wire/Throws";
		const { status, body, headers } = await post(path, key, '{"what":"error"}');
		expect([status, body.error.message]).toEqual([200, "too far"]);
		expect(headers["access-control-allow-origin"]).toBe("*");
	});

	it("needs a key that is for browsers", async () => {
		const native = await keyFor(server.store, "ada", { web: false });
		const refused = await post(ECHO, native);
		expect([refused.status, refused.body.error.code]).toEqual([403, 2001]);
		expect(refused.headers["access-control-allow-origin"]).toBe("*");
		expect((await server.call("Echo", 1, native)).status).toBe(200);
	});

	it("needs a key that allows the algorithm", async () => {
		const other = await keyFor(server.store, "ada", {
			algorithms: ["algo://wire/Throws"],
		});
		expect((await post(ECHO, other)).status).toBe(403);
	});

	it.each([
		["Origin", "https://example.com", 200],
		["Origin", "http://example.com:8443", 200],
		["Referer", "https://example.com/a/page?x=y", 200],
		["Origin", "https://www.example.com", 403],
		["Origin", "https://example.com.evil.org", 403],
		["Origin", "null", 403],
		["Referer", "https://evil.org/example.com", 403],
		["Referer", "not an address", 403],
		["X-None", "", 403],
	])(
		"with a key for pages of example.com and %s: %s is %i",
		async (name, value, expected) => {
			const bound = await keyFor(server.store, "ada", {
				refererHost: "example.com",
			});
			const { status } = await post(ECHO, { ...bound, [name]: value });
			expect(status).toBe(expected);
		},
	);

	it("is judged by its Origin, whatever the Referer says", async () => {
		const bound = await keyFor(server.store, "ada", {
			refererHost: "example.com",
		});
		const { status } = await post(ECHO, {
			...bound,
			Origin: "https://evil.org",
			Referer: "https://example.com/",
		});
		expect(status).toBe(403);
	});
});

describe("a call to /v1/algo", () => {
	it("may be read by no page of another origin", async () => {
		const headers = { ...key, Origin: "https://example.com" };
		for (const path of ["/v1/algo/wire/Echo", "/v1/algo/wire/NoSuch"])
			expect((await post(path, headers)).headers).not.toHaveProperty(
				"access-control-allow-origin",
			);
	});
});
