import { cp, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { freshPath } from "../../attack/support.ts";
import { post } from "../../src/runners/support.ts";
import { FIXTURES, startApp } from "../../support/app.ts";
import { until } from "../../support/until.ts";
import { shareServer } from "../support.ts";
import { failures, listCaller, startsIn, times } from "./lists.ts";

describe("inside the items of a list", () => {
	const server = shareServer({ maxWorkers: 2, maxWorkersTotal: 2 });
	const call = listCaller(server);

	it.each(["serial", "parallel"])(
		"the context tells of the call, with batch=%s",
		async (batch) => {
			const answer = await server
				.post(
					`/v1/algo/lists/Items?batch=${batch}&timeout=60`,
					JSON.stringify(
						["requestId", "caller", "remaining", "requestId"].map((what) => ({
							do: what,
						})),
					),
				)
				.set("X-Request-Id", "my-list");
			const [requestId, caller, remaining, last] = answer.body.result;
			expect([requestId, last]).toEqual(["my-list", "my-list"]);
			expect(caller).toEqual({ account: "local" });
			expect(remaining).toBeGreaterThan(0);
			expect(remaining).toBeLessThanOrEqual(60_000);
		},
	);

	it("remainingMs is the item's own with itemTimeout", async () => {
		const { result } = await call(
			"Items?timeout=60&itemTimeout=5&batch=serial",
			[{ do: "sleep", ms: 100 }, { do: "remaining" }],
		);
		expect(result[1]).toBeLessThanOrEqual(5000);
		expect(result[1]).toBeGreaterThan(4000);
	});

	it("the signal aborts when the item's time is up, and the worker goes on", async () => {
		const [before] = (await call("Items", [{ do: "who" }])).result;
		const file = await freshPath("aborted");
		const answer = await call("Items?itemTimeout=0.2&batch=serial", [
			1,
			{ do: "signal", file },
			2,
		]);
		expect(answer.result).toEqual([1, null, 2]);
		expect(failures(answer)).toEqual([[1, "TimeoutError"]]);
		await until("it has heard", () => startsIn(file).length > 0);
		expect(startsIn(file)).toEqual(["aborted"]);
		expect(before).toBeDefined();
	});

	it.each(["serial", "parallel"])(
		"other algorithms can be called, with batch=%s and no worker to spare",
		async (batch) => {
			const items = times(6, (n) => ({
				do: "child",
				ref: "wire/Echo",
				input: { n },
			}));
			const { result } = await call(`Items?batch=${batch}`, items);
			expect(result).toEqual(times(6, (n) => ({ n })));
		},
	);

	it("the algorithm can call itself, with a list", async () => {
		const items = times(4, (n) => ({
			do: "child",
			ref: "lists/Items",
			input: [n, { do: "child", ref: "wire/Echo", input: n }],
		}));
		const { result } = await call("Items", items);
		expect(result).toEqual(times(4, (n) => [n, n]));
	});

	it("data can be read", async () => {
		await server.post("/v1/data/.my", '{"name":"lists"}');
		const { url } = server;
		await fetch(`${url}/v1/data/.my/lists/text`, {
			method: "PUT",
			body: "from a file",
		});
		const { result } = await call(
			"Items",
			times(3, () => ({ do: "data" })),
		);
		expect(result).toEqual(times(3, () => "from a file"));
	});

	it("an exception after an item's answer is logged and costs no other item anything", async () => {
		const before = server.log.length;
		for (const batch of ["serial", "parallel"]) {
			const answer = await call(`Items?batch=${batch}`, [
				{ do: "lateThrow" },
				{ do: "sleep", ms: 100 },
				{ do: "lateThrow" },
				...times(5, () => ({ do: "sleep", ms: 50 })),
			]);
			expect(failures(answer)).toEqual([]);
		}
		await until("it is logged", () =>
			server.log
				.slice(before)
				.find(({ msg }) => msg === "uncaught in an algorithm"),
		);
	});
});

it("a list ends on the code that it began with: no worker joins it that has the new one", async () => {
	const root = await mkdtemp(join(tmpdir(), "applyd-test-"));
	for (const name of ["Old", "Busy"])
		await cp(
			join(FIXTURES, "lists/Items/3.0.0"),
			join(root, "own", name, "1.0.0"),
			{ recursive: true },
		);
	const write = (name: string, code: string) =>
		writeFile(
			join(root, "own", name, "1.0.0/index.mjs"),
			`import { existsSync, appendFileSync } from "node:fs";
			import { setTimeout as sleep } from "node:timers/promises";
			export async function apply({ file, starts }) {
				appendFileSync(starts, "x\\n");
				while (!existsSync(file)) await sleep(5);
				await sleep(10);
				return ${code};
			}`,
		);
	await write("Old", "'old'");
	await write("Busy", "'busy'");
	const server = await startApp({
		algorithms: [root],
		watch: true,
		maxWorkers: 2,
		maxWorkersTotal: 2,
		containment: [],
	});
	try {
		const begin = async (name: string) => {
			const [file, starts] = [await freshPath("go"), await freshPath("starts")];
			const items = times(60, () => ({ file, starts }));
			const path = `own/${name}?batch=${name === "Old" ? "parallel" : "serial"}`;
			const list = post(server, path, items);
			await until("an item runs", () => startsIn(starts).length > 0);
			return { list, item: { file, starts }, go: () => writeFile(file, "") };
		};
		const busy = await begin("Busy");
		const old = await begin("Old");
		await write("Old", "'new'");
		await until("the change is seen", () => server.engine.isStale);
		const next = post(server, "own/Old", old.item);
		await until("it waits", () => server.engine.openCalls === 3);
		await busy.go();
		await until(
			"a second item of that name runs",
			() => startsIn(old.item.starts).length > 1,
		);
		await old.go();
		expect((await old.list).result).toEqual(times(60, () => "old"));
		expect((await busy.list).result).toHaveLength(60);
		expect((await next).result).toBe("new");
	} finally {
		await server.close();
	}
});
