import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { failures, times } from "../server/routes/lists.ts";
import { startApp, type TestServer } from "../support/app.ts";
import { PYTHON_FIXTURES } from "../support/languages.ts";
import { PACES, type Poison, postList, runPoisoned } from "./poison.ts";
import { workerProcesses } from "./support.ts";

const WORKER_ENDS: Poison[] = [
	["overflow", "AlgorithmError"],
	["loop", "TimeoutError"],
	["os_exit", "SystemExit"],
	["sys_exit", "SystemExit"],
	["cycle", "AlgorithmError"],
	["stubborn", "TimeoutError"],
	["segfault", "SystemExit"],
	["kill", "SystemExit"],
	["async_loop", "TimeoutError"],
	["stop", "TimeoutError"],
	["fork_and_exit", "SystemExit"],
	["huge", "TooLargeError"],
];

const MEMORY: Poison[] = [
	["push", "OutOfMemoryError"],
	["hog", "OutOfMemoryError"],
];

describe.each([
	["a process each", "1.0.0"],
	["copies of one that has loaded", "2.0.0"],
])(
	"poison among the items of a list, with Python workers that are %s",
	(_, version) => {
		const path = `attack/Weapons/${version}`;
		let server: TestServer;

		beforeAll(async () => {
			server = await startApp({
				algorithms: [PYTHON_FIXTURES],
				maxWorkers: 2,
			});
		});
		afterAll(async () => {
			await server.close();
			expect(workerProcesses()).toEqual([]);
		});

		test.each(["serial", "parallel"])(
			"what fails or ends its worker costs one item, and each has begun once, with batch=%s",
			(batch) =>
				runPoisoned(
					server,
					`${path}?itemTimeout=0.3&batch=${batch}`,
					WORKER_ENDS,
				),
		);

		test("what takes all memory costs one item, and each has begun once", () =>
			runPoisoned(server, `${path}?batch=parallel`, MEMORY));

		test.each(["kill_parent", "close_all", "write_all"])(
			"%s costs one item at most",
			async (what) => {
				for (const [batch, ms] of PACES) {
					const good = { do: "spin", ms };
					const items = times(20, (n) => (n === 9 ? { do: what } : good));
					const answer = await postList(
						server,
						`${path}?batch=${batch}`,
						items,
					);
					for (const [index] of failures(answer)) expect(index).toBe(9);
					expect(answer.result.toSpliced(9, 1)).toEqual(times(19, () => ms));
				}
			},
		);
	},
);
