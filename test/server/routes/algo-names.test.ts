import { describe, expect, it } from "vitest";
import { shareServer, TEXT_TYPE } from "../support.ts";

const server = shareServer();

describe("an unknown algorithm", () => {
	it.each([
		["wire/Nobody", "wire/Nobody"],
		["nobody/Echo", "nobody/Echo"],
		["wire/Echo/1.9.9", "wire/Echo/1.9.9"],
		["WIRE/echo/9.x", "WIRE/echo/9.x"],
		["wire/Echo/1.9.9/?timeout=5", "wire/Echo/1.9.9"],
		["algo://wire/Nobody/1.0.0", "wire/Nobody/1.0.0"],
		["wire/Versions/1.0", "wire/Versions/1.0"],
	])(
		"%s is 404 and says the path as it was asked for",
		async (path, echoed) => {
			const response = await server.post(`/v1/algo/${path}`, "1");
			expect(response.status).toBe(404);
			expect(response.headers["content-type"]).toMatch(/^application\/json/);
			expect(response.body).toEqual({
				error: { code: 1000, message: `algorithm algo://${echoed} not found` },
			});
			expect(response.headers["x-error-message"]).toBe(
				`algorithm algo://${echoed} not found`,
			);
			expect(response.headers["x-request-id"]).toMatch(/^req-/);
		},
	);
});

describe("a version", () => {
	it.each([
		["wire/Versions", "0.10.0"],
		["wire/Versions/latest", "0.10.0"],
		["wire/Versions/0.x.x", "0.10.0"],
		["wire/Versions/0.9.*", "0.9.9"],
		["wire/Versions/0.9.9", "0.9.9"],
		["wire/Versions/latestPrivate", "1.0.0, private"],
		["wire/Versions/1.0.0", "1.0.0, private"],
	])("%s is %s", async (path, version) => {
		const { body } = await server.post(`/v1/algo/${path}`, "x", TEXT_TYPE);
		expect(body.result).toBe(version);
	});
});
