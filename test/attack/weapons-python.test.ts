import { cp, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApp, type TestServer } from "../support/app.ts";
import { PYTHON_FIXTURES } from "../support/languages.ts";
import { isRunning, pidOf } from "../support/process-table.ts";
import { until } from "../support/until.ts";
import {
	type Expected,
	exit,
	failed,
	memory,
	post,
	timeout,
	use,
	workerProcesses,
} from "./support.ts";

const WEAPONS: [string, Expected, { input?: object; seconds?: number }?][] = [
	["loop", timeout, { seconds: 0.5 }],
	["async_loop", timeout, { seconds: 0.5 }],
	["stubborn", timeout, { seconds: 0.5 }],
	["regex", timeout, { seconds: 0.5 }],
	["sleep", timeout, { seconds: 0.5 }],
	["native", timeout, { seconds: 0.5 }],
	["ignores_signals", timeout, { seconds: 0.5 }],
	["stop", timeout, { seconds: 0.5 }],
	["push", memory],
	["objects", memory],
	["strings", memory],
	["buffers", memory],
	["hog", memory],
	["children_hog", memory],
	["sys_exit", exit(3), { input: { code: 3 } }],
	["os_exit", exit(3), { input: { code: 3 } }],
	["raise_exit", exit(0)],
	["exit_text", exit(1)],
	["segfault", exit(139)],
	["abort", exit(134)],
	["kill_parent", { error_type: "SystemExit" }],
	["close_all", { error_type: "SystemExit" }],
	["write_all", { error_type: "SystemExit" }],
	["fork_and_exit", exit(3)],
	["fork_bomb", { error_type: "SystemExit" }],
	["overflow", failed(/recursion/)],
	["cycle", failed(/a cycle at \/b\/0/)],
	["deep", failed(/nested too deeply/)],
	[
		"huge",
		{ error_type: "TooLargeError", message: /11534338 bytes.*10485760 bytes/ },
	],
];

/** What goes on as if nothing had been: the call's own answer, and the next. */
const HARMLESS: [string, unknown][] = [
	["read_all", "read"],
	["close_stdout", "closed"],
	["replace_stdout", "replaced"],
	["print_much", "printed"],
	["print_native", "printed"],
	["threads", "left"],
	["late_thread", "answered"],
];

describe.each([
	["a process each", "1.0.0"],
	["copies of one that has loaded", "2.0.0"],
])("Python workers that are %s", (_, version) => {
	const path = `attack/Weapons/${version}`;
	let server: TestServer;

	beforeAll(async () => {
		server = await startApp({ algorithms: [PYTHON_FIXTURES] });
	});
	afterAll(async () => {
		await server.close();
		expect(workerProcesses()).toEqual([]);
	});

	test.each(WEAPONS)(
		"%s costs its caller an error and nobody else anything",
		async (name, expected, { input = {}, seconds = 20 } = {}) => {
			await use(server, path, { do: name, ...input }, expected, seconds);
		},
	);

	test.each(HARMLESS)(
		"%s breaks nothing, not even its own call",
		async (name, result) => {
			expect((await post(server, path, { do: name })).result).toBe(result);
			expect((await post(server, path, { do: "nothing" })).result).toBe("fine");
		},
	);

	test("memory that is thrown away is no reason to end a worker", async () => {
		for (let i = 0; i < 12; i++) {
			const answer = await post(server, path, { do: "garbage" });
			expect(answer).toMatchObject({ status: 200, result: 12 * 20_000_000 });
		}
	});

	test.each(["child", "daemon", "fork"])(
		"a process that a call leaves behind (%s) ends with its worker",
		async (name) => {
			const inside = (await post(server, path, { do: name })).result as number;
			const pid = pidOf(inside, process.pid);
			await post(server, path, { do: "os_exit", code: 1 });
			await until("it is gone", () => !isRunning(pid));
		},
	);
});

test("an algorithm that deletes its own folder hurts nobody else", async () => {
	const root = await mkdtemp(join(tmpdir(), "applyd-test-"));
	await cp(PYTHON_FIXTURES, root, { recursive: true });
	const server = await startApp({
		algorithms: [root],
		watch: true,
		containment: [], // behind a wall it could not
	});
	try {
		const folder = join(root, "attack/Weapons/1.0.0");
		await post(server, "attack/Weapons/1.0.0", { do: "delete_folder", folder });
		expect((await post(server, "attack/Neighbour", 1)).result).toBe(2);
		const next = await post(server, "attack/Weapons/1.0.0", { do: "nothing" });
		expect([200, 404]).toContain(next.status);
	} finally {
		await server.close();
	}
});
