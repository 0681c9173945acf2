import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { optional } from "../../../clients/optional.ts";
import { pythonClient } from "../../../clients/python/client.ts";
import { keyFor } from "../../../server/keys.ts";
import { startApp, type TestServer } from "../../../support/app.ts";
import { PYTHON_FIXTURES } from "../../../support/languages.ts";

const published = await optional("the published Python client", pythonClient);

const CLIENTS = [
	{ client: "the small client", python: undefined },
	...(published
		? [
				{
					client: "the published client",
					python: join(published, "python"),
				},
			]
		: []),
];

describe.each(CLIENTS)("inside a Python algorithm, $client", ({ python }) => {
	let server: TestServer;
	let accounts: Record<string, { Authorization: string }>;

	beforeAll(async () => {
		if (python) process.env.APPLYD_PYTHON = python;
		server = await startApp({
			algorithms: [PYTHON_FIXTURES],
			auth: "keys",
			maxSessions: 200,
		});
		accounts = {
			ada: await keyFor(server.store, "ada"),
			bob: await keyFor(server.store, "bob"),
			nest: await keyFor(server.store, "nest"),
		};
	});
	afterAll(async () => {
		delete process.env.APPLYD_PYTHON;
		await server.close();
	});

	const call = async (account: string, path: string, input: unknown) => {
		const response = await fetch(`${server.url}/v1/algo/${path}`, {
			method: "POST",
			headers: { "content-type": "application/json", ...accounts[account] },
			body: JSON.stringify(input),
		});
		const { result, error } = (await response.json()) as {
			result: unknown;
			error?: { message: string; error_type: string };
		};
		return error ?? result;
	};

	const below = (path: string, depth: number): unknown =>
		depth === 0
			? ""
			: {
					ref: depth === 1 ? "wire/Echo" : path,
					input: depth === 1 ? "end" : below(path, depth - 1),
				};

	test.each(["nest/Caller", "nest/Forked"])(
		"(%s) made before any call speaks for whoever calls, many at the same time",
		async (path) => {
			const names = Array.from({ length: 40 }, (_, i) =>
				i % 2 ? "ada" : "bob",
			);
			const answers = await Promise.all(
				names.map((name) => call(name, path, below(path, 1))),
			);
			expect(answers).toEqual(
				names.map((account) => ({ account, below: "end" })),
			);
		},
	);

	test.each(["nest/Caller", "nest/Forked"])(
		"(%s) calls its own algorithm, five deep",
		async (path) => {
			let expected: unknown = "end";
			for (let i = 0; i < 5; i++)
				expected = { account: "ada", below: expected };
			expect(await call("ada", path, below(path, 5))).toEqual(expected);
		},
	);

	test("is the one that was meant", async () => {
		const { version } = (await call("ada", "nest/Caller", "")) as {
			version: string;
		};
		expect(version.includes("workers/python/fallback")).toBe(!python);
	});

	test("comes with the kit, whose algorithm is served", async () => {
		expect(await call("ada", "nest/Kit", 21)).toBe(42);
		expect(await call("nest", "nest/Kit", "fail")).toMatchObject({
			message: "as it was told",
			error_type: "ToldError",
		});
	});

	test.each(["nest/Loads", "nest/ForkedLoads"])(
		"(%s) reads what the owner may while it loads; a copy has another key in its calls",
		async (path) => {
			const put = (path: string, method: string, body: string) =>
				fetch(`${server.url}/v1/data/${path}`, {
					method,
					body,
					headers: accounts.nest ?? {},
				});
			await put("nest", "POST", '{"name":"models"}');
			await put("nest/models/weights.json", "PUT", "[1,2]");
			const { loaded, old } = (await call("ada", path, 0)) as {
				loaded: unknown;
				old: string;
			};
			expect(loaded).toEqual([1, 2]);
			if (path === "nest/Loads") expect(old).toBe("ada");
			else expect(old).not.toMatch(/^(ada|nest)$/);
		},
	);
});
