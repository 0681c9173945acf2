import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { ask } from "../../support/ask.ts";
import { shareServer } from "../support.ts";

const server = shareServer();
const send = (method: string, path: string, body = "") =>
	ask(server.url, method, path, body);

beforeAll(async () => {
	await send("POST", "/v1/data/.my", "box");
});

describe("one file under the names that clients write", () => {
	test.each([
		["/v1/data/.my/box/%61%2bb%20c", "a+b c"],
		["/v1/data/.my/box/a+b%20c", "a+b c"],
		["/v1/data/.my%2Fbox%2Fa%2Bb+c", "a+b c"],
		["/v1/data/data%3A%2F%2F.my%2Fbox%2Fa%2Bb+c", "a+b c"],
		["/v1/data/data://.my/box/a+b%20c", "a+b c"],
		["/v1/data/data:/.my/box/a+b%20c", "a+b c"],
		["/v1/connector/data/.my/box/a+b%20c", "a+b c"],
		["/v1/connector/data/.my%2fbox%2fa%2bb+c", "a+b c"],
		["//v1/data/local/box/a+b%20c", "a+b c"],
		["/v1/data/.my/box/a+b%20c/", "a+b c"],
		["/v1/data/.my/box/%E6%97%A5%e6%9c%ac", "日本"],
		["/v1/data/.my/box/%252e%252e", "%2e%2e"],
		["/v1/data/.my/box/%2520", "%20"],
		["/v1/data/.my/box/x%252Fy", "x%2Fy"],
		["/v1/data/.my/box/a%3Fb%23c", "a?b#c"],
		["/v1/data/.my/box/a%5Cb", "a\\b"],
		["/v1/data/.my/box/...", "..."],
	])("%s", async (written, name) => {
		const { status, text } = await send("PUT", written, name);
		expect([status, JSON.parse(text)]).toEqual([
			200,
			{ result: `data://local/box/${name}` },
		]);
		expect((await send("GET", written)).text).toBe(name);
		const plain = `/v1/data/local/box/${encodeURIComponent(name)}`;
		expect((await send("GET", plain)).text).toBe(name);
		const { files } = JSON.parse((await send("GET", "/v1/data/.my/box")).text);
		expect(files).toContainEqual(expect.objectContaining({ filename: name }));
	});
});

describe("no path leads out", () => {
	const UP = ["..", "%2e%2e", "%2E.", ".%2e"];
	const SLASH = ["/", "%2f", "%2F"];
	const paths = UP.flatMap((up) =>
		SLASH.flatMap((slash) => [
			`/v1/data/.my/box/${up}`,
			`/v1/data/.my/box${slash}${up}${slash}${up}${slash}secret`,
			`/v1/data/${up}${slash}${up}${slash}secret`,
			`/v1/data/data:${slash}${slash}${up}${slash}secret`,
			`/v1/connector/data/${up}${slash}secret`,
			`/v1/data/.algo${slash}${up}${slash}perm${slash}x`,
		]),
	);
	test.each([
		...new Set(paths),
		"/v1/data/.my/box/a%00b",
		"/v1/data/.my/box/%0a",
		"/v1/data/.my/box/%7f",
		"/v1/data/.my/box/%c2%80",
		"/v1/data/.my/box/%ff",
		"/v1/data/.my/box/%c0%ae%c0%ae",
		"/v1/data/.my/box/%zz",
		"/v1/data/.my//x",
		"/v1/data/.my/./x",
		"/v1/connector/..%2f/x",
	])("%s", async (path) => {
		for (const method of ["PUT", "GET", "DELETE"]) {
			const { status } = await send(method, path, "x");
			expect([400, 404], method).toContain(status);
		}
	});

	test("and nothing was written beside the data", async () => {
		const { state } = server.engine.config;
		const names = await readdir(join(state, "data"), { recursive: true });
		for (const name of names)
			expect(name).toMatch(/^(\.unfinished|(collections|files)(\/|$))/);
	});
});

test("a backslash, a drive or a device is a name like any other", async () => {
	for (const name of ["..%5c..%5csecret", "c:%5cx", "con", "nul.txt", "~"]) {
		const path = `/v1/data/.my/box/${name}`;
		expect((await send("PUT", path, name)).status).toBe(200);
		expect((await send("GET", path)).text).toBe(name);
	}
});

test("a name too long for the disk is refused, and says so", async () => {
	const { status, text } = await send(
		"PUT",
		`/v1/data/.my/box/${"A".repeat(100)}`,
	);
	expect(status).toBe(400);
	expect(text).toContain("takes 300 bytes on disk, the limit is 255");
});
