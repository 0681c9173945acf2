import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApp, type TestServer } from "../support/app.ts";
import { until } from "../support/until.ts";
import {
	type Expected,
	exit,
	failed,
	freshPath,
	ISOLATIONS,
	memory,
	post,
	residentBytes,
	timeout,
	use,
	wallsHere,
	workerProcesses,
} from "./support.ts";

const WEAPONS: [string, Expected, { input?: object; seconds?: number }?][] = [
	["loop", timeout, { seconds: 0.5 }],
	["asyncLoop", timeout, { seconds: 0.5 }],
	["never", timeout, { seconds: 0.5 }],
	["regex", timeout, { seconds: 0.5 }],
	["wait", timeout, { seconds: 0.5 }],
	["native", timeout, { seconds: 0.5 }],
	["push", memory],
	["objects", memory],
	["strings", memory],
	["buffers", memory],
	["presized", memory],
	["parse", memory],
	["fill", memory],
	["exit", exit(3), { input: { code: 3 } }],
	["abort", failed("process.abort() is not supported in workers")],
	["segfault", exit(139)],
	["closeAll", { error_type: "SystemExit" }],
	["writeAll", { error_type: "SystemExit" }],
	["throwString", failed("just a text")],
	["throwNull", failed("null")],
	["throwObject", { error_type: "MyError", message: "from an object" }],
	["reject", failed("rejected")],
	["stray", failed("nobody catches this")],
	["overflow", failed(/call stack/)],
	["cycle", failed(/a cycle at \/b\/0/)],
	["bigint", failed(/a BigInt at \/n\/0/)],
	["nan", failed(/NaN at \/n\/1/)],
	["deep", failed(/nested too deeply/)],
	[
		"huge",
		{ error_type: "TooLargeError", message: /11534338 bytes.*10485760 bytes/ },
	],
];

const walls = await wallsHere();

describe.each(
	ISOLATIONS.flatMap((isolation) => [
		{ ...isolation, walls: "all there are", containment: walls },
		{ ...isolation, walls: "none", containment: [] },
	]),
)("with isolation $isolation, walls: $walls", ({ version, containment }) => {
	const path = `attack/Weapons/${version}`;
	let server: TestServer;

	beforeAll(async () => {
		server = await startApp({ containment });
	});
	afterAll(async () => {
		await server.close();
		expect(workerProcesses()).toEqual([]);
	});

	test.each(WEAPONS)(
		"%s costs its caller an error and nobody else anything",
		async (name, expected, { input = {}, seconds = 20 } = {}) => {
			const fifo = await freshPath("fifo");
			await use(server, path, { do: name, fifo, ...input }, expected, seconds);
		},
	);

	test("memory that was taken is given back", async () => {
		await post(server, path, { do: "buffers" });
		await until("the workers are small again", () => {
			return residentBytes(workerProcesses()) < 400 * 2 ** 20;
		});
	});

	test("memory that is thrown away is no reason to end a worker", async () => {
		for (let i = 0; i < 12; i++) {
			const answer = await post(server, path, { do: "garbage" });
			expect(answer).toMatchObject({ status: 200, result: 12 * 2.5e6 });
		}
	});

	test.each(["lateTimer", "lateRejection"])(
		"%s: an exception after the answer is logged with its call and hurts no later one",
		async (name) => {
			const before = server.log.length;
			expect((await post(server, path, { do: name })).result).toBe("answered");
			await until("the stray exception is logged", () =>
				server.log
					.slice(before)
					.find(({ msg }) => msg === "uncaught in an algorithm"),
			);
			expect((await post(server, path, { do: "nothing" })).result).toBe("fine");
		},
	);
});
