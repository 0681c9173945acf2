import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FULL_RIGHTS } from "../../../src/accounts/caller.ts";
import { createKey } from "../../../src/accounts/keys.ts";
import { startApp, type TestServer } from "../../support/app.ts";
import { until } from "../../support/until.ts";

let server: TestServer;
let ada: string;
let bob: string;
let nest: string;

beforeEach(async () => {
	server = await startApp({ auth: "keys" });
	const key = (account: string) =>
		createKey(server.store, { account, rights: FULL_RIGHTS, label: undefined });
	ada = await key("ada");
	bob = await key("bob");
	nest = await key("nest");
});
afterEach(() => server.close());

async function ask(key: string, method: string, path: string, body?: unknown) {
	const response = await fetch(`${server.url}/v1/${path}`, {
		method,
		headers: { authorization: key, "content-type": "application/json" },
		...(body !== undefined && { body: JSON.stringify(body) }),
	});
	const text = await response.text();
	return {
		status: response.status,
		body:
			text.startsWith("{") || text.startsWith("[") ? JSON.parse(text) : text,
	};
}

const run = async (key: string, name: string, input: unknown) => {
	const { body } = await ask(key, "POST", `algo/nest/${name}`, input);
	expect(body.error).toBeUndefined();
	return body.result;
};

const files = (key: string, verb: string, path: string, content?: unknown) =>
	run(key, "Files", { verb, path, content });

describe("context.data", () => {
	test("writes, reads, lists and deletes the caller's files, and makes the collection", async () => {
		expect(await files(ada, "put", "data://.my/notes/a.json", { a: 1.5 })).toBe(
			"data://ada/notes/a.json",
		);
		expect(await files(ada, "getJson", ".my/notes/a.json")).toEqual({ a: 1.5 });
		expect(await files(ada, "getText", "data://ada/notes/a.json")).toBe(
			'{"a":1.5}',
		);
		expect(await files(ada, "getBytes", ".my/notes/a.json")).toHaveLength(9);
		expect(await files(ada, "list", ".my/notes")).toMatchObject({
			folders: [],
			files: [{ name: "a.json", bytes: 9 }],
		});
		expect(await files(ada, "exists", ".my/notes/a.json")).toBe(true);
		await files(ada, "delete", ".my/notes/a.json");
		expect(await files(ada, "exists", ".my/notes/a.json")).toBe(false);
		expect(await files(ada, "getText", ".my/notes/a.json")).toEqual({
			refused: "path not found",
		});
	});

	test("is the caller's: another caller of the same algorithm sees nothing of it", async () => {
		await files(ada, "put", ".my/private/secret", "of ada");
		await ask(ada, "PATCH", "data/.my/private", { acl: { read: [] } });
		expect(await files(bob, "getText", "data://ada/private/secret")).toEqual({
			refused: "path not found",
		});
		expect(await files(bob, "exists", ".my/private/secret")).toBe(false);
	});

	test("is the account's in a call, whatever the key may do with data by itself", async () => {
		const rights = { ...FULL_RIGHTS, data: "none" as const };
		const narrow = await createKey(server.store, {
			account: "ada",
			rights,
			label: undefined,
		});
		expect(await files(narrow, "put", ".my/notes/a", "x")).toBe(
			"data://ada/notes/a",
		);
		expect((await ask(narrow, "GET", "data/.my/notes/a")).status).toBe(403);
	});

	test("appends whole lines, however many calls do so at once", async () => {
		const lines = Array.from({ length: 60 }, (_, i) => `line ${i}\n`);
		await Promise.all(
			lines.map((line) => files(ada, "append", ".my/log/all.txt", line)),
		);
		const text = (await files(
			ada,
			"getText",
			"data://ada/log/all.txt",
		)) as string;
		expect(text.trimEnd().split("\n").sort()).toEqual(
			lines.map((line) => line.trim()).sort(),
		);
	});

	test("of a session is gone when the call at the top is over", async () => {
		const request = { verb: "put", path: ".session/x", content: "once" };
		expect(await run(ada, "Files", request)).toBe("data://.session/x");
		expect(await files(ada, "exists", ".session/x")).toBe(false);
		const shared = await run(ada, "Caller", {
			ref: "nest/Files",
			input: { verb: "getText", path: ".session/x" },
		});
		expect(shared).toEqual({ refused: "path not found" });
	});
});

test("while it loads an algorithm reads its owner's files, and may do nothing else", async () => {
	await ask(nest, "POST", "data/.my", { name: "models", acl: { read: [] } });
	await ask(nest, "PUT", "data/.my/models/weights.json", [1, 2]);
	expect(await run(ada, "Loads", null)).toEqual({
		model: [1, 2],
		put: "Caller is not authorized to perform the operation",
		call: expect.stringContaining("call no algorithm"),
		overHttp: { read: 200, write: 403, call: 403 },
	});
});

describe("the key in a worker's environment", () => {
	const calls = (list: unknown[]) => ({ calls: list });

	test("calls algorithms and reaches data in the name of who calls", async () => {
		const result = await run(
			bob,
			"Client",
			calls([
				["POST", "/v1/algo/nest/Leaf", { value: 7 }],
				["POST", "/v1/data/.my", { name: "inside" }],
				["PUT", "/v1/data/.my/inside/x.json", { x: 1 }],
				["GET", "/v1/data/bob/inside/x.json"],
			]),
		);
		expect(result).toMatchObject({
			account: "bob",
			answers: [
				{ status: 200, result: { value: 7, account: "bob" } },
				{ status: 200, result: "data://bob/inside" },
				{ status: 200, result: "data://bob/inside/x.json" },
				{ status: 200, x: 1 },
			],
		});
	});

	test("is another one's right in the next call of the same worker", async () => {
		const mine = calls([["POST", "/v1/algo/nest/Leaf", {}]]);
		const of = async (key: string) =>
			(await run(key, "Client", mine)).answers[0].result.account;
		expect([await of(ada), await of(bob), await of(ada)]).toEqual([
			"ada",
			"bob",
			"ada",
		]);
	});

	test("tells callers apart who come at the same time", async () => {
		const mine = calls([["POST", "/v1/algo/nest/Leaf", {}]]);
		const keys = Array.from({ length: 40 }, (_, i) => (i % 2 ? ada : bob));
		const results = await Promise.all(
			keys.map((key) => run(key, "Client", mine)),
		);
		for (const { account, answers } of results)
			expect(answers[0].result.account).toBe(account);
	});

	test("is good for nothing from outside between calls", async () => {
		const { key } = await run(ada, "Client", {});
		await until("no call is open", () => server.engine.openCalls === 0);
		const { status, body } = await ask(key, "GET", "data/.my");
		expect([status, body]).toEqual([
			401,
			{ error: { code: 2002, message: "Unknown or invalid API key." } },
		]);
	});

	test("counts in the tree of the call: 24 deep and no deeper", async () => {
		await server.close();
		server = await startApp({ auth: "off", maxWorkers: 1, maxWorkersTotal: 1 });
		let input: unknown = {};
		for (let depth = 0; depth < 24; depth++)
			input = calls([
				["POST", `/v1/algo/nest/${depth === 0 ? "Leaf" : "Client"}`, input],
			]);
		const { body } = await ask("", "POST", "algo/nest/Client", input);
		expect(JSON.stringify(body)).toContain('"value":"leaf"');
		const deeper = calls([["POST", "/v1/algo/nest/Client", input]]);
		const refused = await ask("", "POST", "algo/nest/Client", deeper);
		expect(JSON.stringify(refused.body)).toContain("25 deep, the limit is 24");
	});
});
