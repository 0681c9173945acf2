import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { failures, type ListAnswer, times } from "../server/routes/lists.ts";
import { FIXTURES, startApp, type TestServer } from "../support/app.ts";
import { PYTHON_FIXTURES } from "../support/languages.ts";
import { countStarts, postList } from "./poison.ts";
import { freshPath, workerProcesses } from "./support.ts";

const CREWS = [
	{ of: "threads of one process", version: "1.0.0", algorithms: [FIXTURES] },
	{ of: "a process each", version: "2.0.0", algorithms: [FIXTURES] },
	{ of: "Python", version: "1.0.0", algorithms: [PYTHON_FIXTURES] },
];

describe.each(CREWS)(
	"lists on workers that are $of",
	({ version, algorithms, of }) => {
		const path = `attack/Weapons/${version}`;
		const exit = of === "Python" ? "os_exit" : "exit";
		let server: TestServer;

		beforeAll(async () => {
			server = await startApp({ algorithms, maxWorkers: 3, maxSessions: 100 });
		});
		afterAll(async () => {
			await server.close();
			expect(workerProcesses()).toEqual([]);
		});

		test("a list in which every item ends its worker is given up, and says so", async () => {
			for (const batch of ["serial", "parallel"]) {
				const items = times(1000, () => ({ do: exit, code: 3 }));
				const { status, metadata } = await postList(
					server,
					`${path}?batch=${batch}`,
					items,
				);
				expect(status).toBe(200);
				expect(metadata.items).toEqual({
					total: 1000,
					succeeded: 0,
					failed: 1000,
				});
				const messages = new Set(
					metadata.errors?.map(({ message }) => message),
				);
				expect([...messages]).toEqual([
					"exited with code 3",
					"not run: 10 items in a row have ended their worker, the last with: exited with code 3",
				]);
				expect(
					new Set(metadata.errors?.map(({ error_type }) => error_type)),
				).toEqual(new Set(["SystemExit"]));
			}
		});

		test("items that take too long are no reason to give a list up", async () => {
			const items = times(15, (n) => ({ do: n < 14 ? "loop" : "nothing" }));
			const answer = await postList(
				server,
				`${path}?itemTimeout=0.05&batch=parallel`,
				items,
			);
			expect(answer.result.at(-1)).toBe("fine");
			expect(failures(answer)).toEqual(
				times(14, (index) => [index, "TimeoutError"]),
			);
		});

		test.each(["kill", "segfault", exit])(
			"a list is whole, and so is one call after the other, beside one that is poisoned with %s",
			async (what) => {
				const starts = await freshPath("starts");
				const good = (id: number) => ({ do: "spin", ms: 2, starts, id });
				const whole = postList(
					server,
					`${path}?batch=parallel`,
					times(150, good),
				);
				const poisoned = await postList(
					server,
					`${path}?batch=parallel`,
					times(150, (n) =>
						n % 50 === 20 ? { do: what, code: 3 } : { do: "spin", ms: 2 },
					),
				);
				expect(failures(poisoned)).toEqual(
					[20, 70, 120].map((index) => [index, "SystemExit"]),
				);
				const { result, metadata } = await whole;
				expect(metadata.errors).toBeUndefined();
				expect(result).toEqual(times(150, () => 2));
				const counts = countStarts(starts, 150);
				expect(Math.min(...counts)).toBe(1);
				// A process that three share takes their items with it, those of about the last millisecond.
				const most =
					version === "1.0.0" && what !== exit && of !== "Python" ? 8 : 1;
				expect(Math.max(...counts)).toBeLessThanOrEqual(most);
			},
		);

		test("many lists with any bounds end, each with exactly its items, and none begins twice", async () => {
			const random = randomOf(20_001);
			for (let round = 0; round < 4; round++) {
				const lists = times(8, () => {
					const count = 1 + Math.floor(random() * 200);
					const slow = random() * 4;
					return {
						items: times(count, (id) => ({
							...(random() < 0.01
								? { do: exit, code: 3 }
								: { do: "spin", ms: random() < 0.3 ? slow : 0 }),
							id,
						})),
						query: [
							`batch=${random() < 0.3 ? "serial" : "parallel"}`,
							`timeout=${(0.02 + random() * 0.6).toFixed(3)}`,
							...(random() < 0.5
								? [`itemTimeout=${(0.005 + random() * 0.05).toFixed(3)}`]
								: []),
							...(random() < 0.2 ? ["onError=fail"] : []),
						].join("&"),
						leavesAfterMs:
							random() < 0.2 ? Math.floor(random() * 300) : undefined,
					};
				});
				await Promise.all(
					lists.map(async ({ items, query, leavesAfterMs }) => {
						const signal =
							leavesAfterMs === undefined
								? undefined
								: AbortSignal.timeout(leavesAfterMs);
						const starts = await freshPath("starts");
						const answer = await postList(
							server,
							`${path}?${query}`,
							items.map((item) => ({ ...item, starts })),
							signal,
						).catch(() => undefined);
						if (answer) isSound(answer, items);
						else expect(signal?.aborted).toBe(true);
						// A thread that does not end in time costs the process that others share.
						const most = of === "threads of one process" ? 3 : 1;
						const counts = countStarts(starts, items.length);
						expect(Math.max(...counts)).toBeLessThanOrEqual(most);
					}),
				);
			}
			const { result } = await postList(server, `${path}?batch=parallel`, [
				{ do: "nothing" },
			]);
			expect(result).toEqual(["fine"]);
		});
	},
);

/** Each item has its own result, or null and an error that it can have. */
function isSound(
	answer: ListAnswer,
	items: { do: string; ms?: number }[],
): void {
	expect(answer.status).toBe(200);
	if (answer.error) {
		expect(["TimeoutError", "SystemExit"]).toContain(answer.error.error_type);
		return;
	}
	const { result, metadata } = answer;
	expect(result).toHaveLength(items.length);
	const failed = new Map(failures(answer));
	expect(failed.size).toBe(metadata.items.failed);
	expect(metadata.items.total).toBe(items.length);
	for (const [index, item] of items.entries()) {
		const errorType = failed.get(index);
		expect(result[index]).toBe(errorType ? null : item.ms);
		if (errorType === "SystemExit") expect(item.ms).toBeUndefined();
	}
}

/** The same numbers from 0 to 1 each time. */
function randomOf(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state * 48_271) % (2 ** 31 - 1);
		return state / 2 ** 31;
	};
}
