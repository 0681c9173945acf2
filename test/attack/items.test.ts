import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { failures, times } from "../server/routes/lists.ts";
import { startApp, type TestServer } from "../support/app.ts";
import { PACES, type Poison, postList, runPoisoned } from "./poison.ts";
import { ISOLATIONS, workerProcesses } from "./support.ts";

const THREAD_ENDS: Poison[] = [
	["throwString", "AlgorithmError"],
	["loop", "TimeoutError"],
	["reject", "AlgorithmError"],
	["exit", "SystemExit"],
	["throwObject", "MyError"],
	["never", "TimeoutError"],
	["stray", "AlgorithmError"],
	["asyncLoop", "TimeoutError"],
	["huge", "TooLargeError"],
	["overflow", "AlgorithmError"],
];

const MEMORY: Poison[] = [
	["push", "OutOfMemoryError"],
	["buffers", "OutOfMemoryError"],
];

/** Of an item, when a process goes that others share, or when nobody can say which of the last millisecond it was. */
const MOST_STARTS = 3;

/** What ends the whole process, so that nobody can say which item ran. */
const PROCESS_ENDS: Poison[] = [
	["segfault", "SystemExit"],
	["kill", "SystemExit"],
	["native", "TimeoutError"],
];

describe.each(ISOLATIONS)(
	"poison among the items of a list, with isolation $isolation",
	({ version }) => {
		const path = `attack/Weapons/${version}`;
		let server: TestServer;

		beforeAll(async () => {
			server = await startApp({ maxWorkers: 2 });
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
					THREAD_ENDS,
				),
		);

		test("what takes all memory costs one item", () =>
			runPoisoned(server, `${path}?batch=parallel`, MEMORY, {
				maxStarts: MOST_STARTS,
			}));

		test.each(["serial", "parallel"])(
			"what ends the process costs one item, with batch=%s",
			(batch) =>
				runPoisoned(
					server,
					`${path}?itemTimeout=0.3&batch=${batch}`,
					PROCESS_ENDS,
					{ maxStarts: MOST_STARTS },
				),
		);

		test.each(["closeAll", "writeAll"])(
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
