import { afterEach, describe, expect, test } from "vitest";
import type { Config } from "../../../src/index.ts";
import { startApp, type TestServer } from "../../support/app.ts";
import { until } from "../../support/until.ts";
import { post, whoServes } from "./support.ts";

let server: TestServer;
afterEach(() => server.close());

const start = async (config: Partial<Config> = {}) => {
	server = await startApp(config);
};

const distinct = <T>(values: T[]) => new Set(values).size;

const workersNow = () =>
	[...server.engine.active.values()].reduce(
		(sum, { workers }) => sum + workers,
		0,
	);

test("one warm worker serves serial calls, and load() ran once", async () => {
	await start();
	const names = [];
	for (let i = 0; i < 20; i++)
		names.push(await whoServes(server, "life/Worker"));
	expect(distinct(names.map(({ name }) => name))).toBe(1);
	expect(names.at(-1)?.loads).toBe(1);
});

test("slow parallel calls make workers up to the bound, threads of one process", async () => {
	await start();
	const names = await Promise.all(
		Array.from({ length: 9 }, () => whoServes(server, "life/Worker", 300)),
	);
	expect(distinct(names.map(({ name }) => name))).toBe(3);
	expect(distinct(names.map(({ process }) => process))).toBe(1);
});

test("with isolation process each worker has a process of its own", async () => {
	await start();
	const names = await Promise.all(
		Array.from({ length: 9 }, () => whoServes(server, "life/Walled", 300)),
	);
	expect(distinct(names.map(({ process }) => process))).toBe(
		distinct(names.map(({ name }) => name)),
	);
	expect(distinct(names.map(({ process }) => process))).toBeGreaterThan(1);
});

test("workers go when they have been idle, the last one too", async () => {
	await start({ idleSeconds: 0.2 });
	await Promise.all(
		Array.from({ length: 6 }, () => whoServes(server, "life/Worker", 200)),
	);
	await until("no worker is left", () => workersNow() === 0);
	expect((await whoServes(server, "life/Worker")).loads).toBe(1);
});

describe("the bound on all workers", () => {
	test("an idle worker of another version is given up for a call that needs one", async () => {
		await start({ maxWorkersTotal: 1 });
		await whoServes(server, "life/Worker");
		expect((await whoServes(server, "life/Walled")).loads).toBe(1);
		expect(workersNow()).toBe(1);
		expect((await whoServes(server, "life/Worker")).loads).toBe(1);
	});

	test("two busy versions share one worker, and neither starves", async () => {
		await start({ maxWorkersTotal: 1, maxSessions: 100 });
		const calls = ["life/Worker", "life/Walled"].flatMap((path) =>
			Array.from({ length: 8 }, () => whoServes(server, path, 50)),
		);
		const answers = await Promise.all(calls);
		expect(answers.filter(({ loads }) => loads === 1)).toHaveLength(16);
	});
});

test("the context tells of the call, and the author's world holds no secret of the server", async () => {
	process.env.AWS_SECRET_ACCESS_KEY = "secret";
	try {
		await start();
		const { result } = await post(server, "life/Context?timeout=60", {});
		expect(result).toMatchObject({
			caller: { account: "local" },
			aborted: false,
			stdin: "",
			env: [],
			exists: true,
		});
		const { requestId, remainingMs } = result as {
			requestId: string;
			remainingMs: number;
		};
		expect(requestId).toMatch(/^req-[0-9a-f-]{36}$/);
		expect(remainingMs).toBeGreaterThan(0);
		expect(remainingMs).toBeLessThanOrEqual(60_000);
	} finally {
		delete process.env.AWS_SECRET_ACCESS_KEY;
	}
});
