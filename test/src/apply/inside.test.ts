import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { Config } from "../../../src/index.ts";
import { SHARED, startApp, type TestServer } from "../../support/app.ts";
import { until } from "../../support/until.ts";
import { post } from "../runners/support.ts";

let server: TestServer;
afterEach(() => server.close());

const start = async (config: Partial<Config> = {}) => {
	server = await startApp(config);
};

const ONE_WORKER = { maxWorkers: 1, maxWorkersTotal: 1 };

type Link = { ref: string; input: unknown };

/** The input of `refs[0]` that calls the next, and so on down to `bottom`. */
function chain(refs: string[], bottom: unknown): Link {
	const [ref, ...rest] = refs.slice(1);
	return {
		ref: ref ?? "nest/Leaf",
		input: ref ? chain([ref, ...rest], bottom) : bottom,
	};
}

const times = <T>(count: number, value: (i: number) => T): T[] =>
	Array.from({ length: count }, (_, i) => value(i));

const LEAF = { value: "leaf", account: "local" };

const isQuiet = () =>
	until("no call is open", () => server.engine.openCalls === 0);

describe("with one worker for each algorithm and one in all", () => {
	test("an algorithm calls another, with the rights of its caller", async () => {
		await start(ONE_WORKER);
		const { result } = await post(
			server,
			"nest/Caller",
			chain(["nest/Caller"], {}),
		);
		expect(result).toEqual(LEAF);
	});

	test("an algorithm calls itself, 23 times down, and the last one calls a 24th", async () => {
		await start(ONE_WORKER);
		const refs = times(24, () => "nest/Caller");
		const { result } = await post(server, "nest/Caller", chain(refs, {}));
		expect(result).toEqual(LEAF);
	});

	test("two algorithms call each other, 24 deep", async () => {
		await start(ONE_WORKER);
		const refs = times(24, (i) => (i % 2 ? "nest/Other" : "nest/Caller"));
		const { result } = await post(server, "nest/Caller", chain(refs, {}));
		expect(result).toEqual(LEAF);
	});

	test("one call deeper is refused at once, and says why", async () => {
		await start(ONE_WORKER);
		const refs = times(25, () => "nest/Caller");
		const { result } = await post(server, "nest/Caller", chain(refs, {}));
		expect(result).toMatchObject({
			message: expect.stringMatching(/25 deep, the limit is 24/),
		});
	});

	test("50 parents at the same time all have their child's answer", async () => {
		await start(ONE_WORKER);
		const answers = await Promise.all(
			times(50, (value) =>
				post(server, "nest/Caller", chain(["nest/Caller"], { value })),
			),
		);
		expect(answers.map(({ result }) => result)).toEqual(
			times(50, (value) => ({ ...LEAF, value })),
		);
	});

	test("50 parents whose child is of their own algorithm all have its answer", async () => {
		await start(ONE_WORKER);
		const answers = await Promise.all(
			times(50, (value) =>
				post(
					server,
					"nest/Caller",
					chain(["nest/Caller", "nest/Caller"], { value }),
				),
			),
		);
		expect(answers.map(({ result }) => result)).toEqual(
			times(50, (value) => ({ ...LEAF, value })),
		);
	});

	test("a parent's children beside each other all answer", async () => {
		await start(ONE_WORKER);
		const { result } = await post(server, "nest/Caller", {
			ref: "nest/Leaf",
			input: { ms: 5 },
			times: 24,
		});
		expect(result).toEqual(times(24, () => LEAF));
	});

	test("nesting does not make more workers run than there may be", async () => {
		await start(ONE_WORKER);
		await Promise.all(
			times(20, () =>
				post(
					server,
					"nest/Caller",
					chain(["nest/Caller", "nest/Caller"], { ms: 5 }),
				),
			),
		);
		const workers = [...server.engine.active.values()].map(
			({ workers }) => workers,
		);
		expect(Math.max(...workers)).toBeLessThanOrEqual(2);
	});
});

test("more than 24 children at the same time are refused, the others answer", async () => {
	await start();
	const { result } = await post(server, "nest/Caller", {
		ref: "nest/Leaf",
		input: { ms: 200 },
		times: 30,
	});
	const results = result as { message?: string }[];
	expect(results.filter(({ message }) => message === undefined)).toHaveLength(
		24,
	);
	expect(results.at(-1)?.message).toMatch(
		/24 calls to others open, the limit is 24/,
	);
});

test("a parent that runs out of time takes its children with it", async () => {
	await start();
	const file = join(SHARED, `leaf-${process.pid}-${Date.now()}`);
	const said = () => readFile(file, "utf8").catch(() => "");
	const { error } = await post(server, "nest/Caller?timeout=3", {
		ref: "nest/Leaf",
		input: { ms: 60_000, file },
	});
	expect(error?.error_type).toBe("TimeoutError");
	await isQuiet();
	await until("the child has noticed", async () =>
		(await said()).includes("aborted"),
	);
	expect(await said()).not.toContain("ended");
	await rm(file);
});

test("a parent that does not wait for its child ends it", async () => {
	await start();
	const { result } = await post(server, "nest/Caller", {
		ref: "nest/Leaf",
		input: { ms: 60_000 },
		wait: false,
	});
	expect(result).toBe("not waited");
	await isQuiet();
});

test("a child's own timeout is its own error", async () => {
	await start();
	const { result } = await post(server, "nest/Caller", {
		ref: "nest/Leaf",
		input: { ms: 60_000 },
		timeout: 0.3,
	});
	expect(result).toMatchObject({ error_type: "TimeoutError" });
});

test("a child's error arrives with its message and type", async () => {
	await start();
	const { result } = await post(server, "nest/Caller", {
		ref: "nest/Leaf/1.0.0",
		input: { error: "no leaf" },
	});
	expect(result).toEqual({ message: "no leaf", error_type: "LeafError" });
});

test.each([
	["nest/Nobody", /algorithm algo:\/\/nest\/Nobody not found/],
	["algo://nest/Leaf/9.9.9", /not found/],
	["nobody", /names no algorithm/],
])("a call of %s is refused by name", async (ref, message) => {
	await start();
	const { result } = await post(server, "nest/Caller", { ref, input: {} });
	expect(result).toMatchObject({ message: expect.stringMatching(message) });
});

test("texts and bytes stay what they are on the way down and up", async () => {
	await start();
	const { result } = await post(server, "nest/Kinds", null);
	expect(result).toEqual({
		text: "text Grüße",
		bytes: [0, 255, 10],
		json: { a: [1.5, null] },
	});
});

test("a call coalesced behind a parent runs elsewhere while the parent waits", async () => {
	await start({ maxWorkers: 2 });
	await Promise.all(
		times(64, () =>
			post(server, "nest/Caller", { ref: "nest/Leaf", input: {} }),
		),
	);
	const slow = post(server, "nest/Caller", {
		ref: "nest/Leaf",
		input: { ms: 1500, value: "slow" },
	});
	const quick = await Promise.all(
		times(20, () =>
			post(server, "nest/Caller", { ref: "nest/Leaf/1.0.0", input: {} }),
		),
	);
	expect(quick.map(({ result }) => result)).toEqual(times(20, () => LEAF));
	expect((await slow).result).toEqual({ ...LEAF, value: "slow" });
});

test("with isolation process algorithms call themselves with one worker in all, too", async () => {
	await start({ ...ONE_WORKER, isolation: "process" });
	const refs = times(6, () => "nest/Caller");
	const { result } = await post(server, "nest/Caller", chain(refs, {}));
	expect(result).toEqual(LEAF);
});

test("a parent that runs while the server drains still has its child's answer", async () => {
	await start();
	await post(server, "nest/Leaf", {});
	const parent = post(server, "nest/Caller", {
		ref: "nest/Caller",
		input: { ref: "nest/Leaf", input: { ms: 100 } },
	});
	await until("it runs", () => server.engine.openCalls > 0);
	await server.engine.drain(30);
	expect((await parent).result).toEqual(LEAF);
});
