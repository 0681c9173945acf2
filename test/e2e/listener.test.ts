import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ListenerView } from "../../src/index.ts";
import { FIXTURES } from "../support/app.ts";
import {
	applyd,
	type ServerProcess,
	startProcess,
} from "../support/process.ts";
import { until } from "../support/until.ts";

/** Nobody answers there. */
const source = { type: "amqp", url: "amqp://127.0.0.1:1/", queue: "q" };
const moods = { name: "moods", algorithm: "wire/Echo", source };

let cwd: string;
let file: string;
let server: ServerProcess;
const save = (name: string, ...listeners: object[]) =>
	writeFile(join(cwd, name), JSON.stringify({ listeners }));

beforeAll(async () => {
	cwd = await mkdtemp(join(tmpdir(), "applyd-test-"));
	file = join(cwd, "listeners.json");
	await save("listeners.json", moods);
	await save("bad.json", { ...moods, source: { ...source, queue: 5 } });
	server = await startProcess(["--listeners", file]);
});
afterAll(async () => {
	await server.close();
	await rm(cwd, { recursive: true, force: true });
});

const listener = (...words: string[]) =>
	applyd(["listener", ...words], { cwd, env: { APPLYD_SERVER: server.url } });

const BAD =
	'listeners[0] "moods": "source.queue" is 5; it must be a text that is not empty';

describe("applyd listener", () => {
	test("alone shows its commands", async () => {
		const { code, stdout } = await listener();
		expect(code).toBe(0);
		expect(stdout).toMatch(/^applyd listener COMMAND/);
		for (const command of ["list", "pause", "resume", "redrive"])
			expect(stdout).toContain(`listener ${command}`);
	});

	test.each([
		[["puase", "x"], /did you mean listener pause\?/],
		[
			["pause"],
			/listener pause needs one listener: applyd listener pause NAME/,
		],
		[["redrive", "a", "b"], /listener redrive needs one listener/],
		[["list", "x"], /listener list takes no argument, and got x/],
	])("%j is wrong usage: exit 2", async (words, message) => {
		const { code, stdout, stderr } = await listener(...words);
		expect([code, stdout]).toEqual([2, ""]);
		expect(stderr).toMatch(message);
	});

	test("list shows a table", async () => {
		const { code, stdout } = await listener("list");
		const [head, row] = stdout.split("\n");
		expect(code).toBe(0);
		expect(head).toMatch(
			/^NAME +STATUS +IN FLIGHT +SUCCEEDED +FAILED +DEAD +LAG +ALGORITHM +ERROR$/,
		);
		expect(row).toMatch(
			/^moods +(running|failing) +0 +0 +0 +0 +\? +wire\/Echo/,
		);
	});

	test("pause and resume change one, and say how it is", async () => {
		const paused = await listener("pause", "moods");
		expect(paused).toMatchObject({ code: 0, stdout: "moods paused\n" });
		const resumed = await listener("resume", "moods");
		expect(resumed.stdout).toMatch(/^moods (running|failing)\n$/);
		const unknown = await listener("pause", "nobody");
		expect(unknown).toMatchObject({ code: 1, stdout: "" });
		expect(unknown.stderr).toMatch(/listener nobody not found/);
	});
});

describe("a bad listeners file", () => {
	test("is no start: exit 2, and one line that names the field", async () => {
		const state = join(cwd, "state");
		const { code, stderr } = await applyd(
			["--port", "0", "--state", state, "--algorithms", FIXTURES],
			{ cwd, env: { APPLYD_LISTENERS: "bad.json" } },
		);
		expect([code, stderr]).toEqual([2, `applyd: bad.json: ${BAD}\n`]);
	});

	test("that is not there is none either", async () => {
		const state = join(cwd, "state");
		const { code, stderr } = await applyd(
			[
				"--port",
				"0",
				"--state",
				state,
				"--algorithms",
				FIXTURES,
				"--listeners",
				"nowhere.json",
			],
			{ cwd },
		);
		expect(code).toBe(2);
		expect(stderr).toMatch(
			/^applyd: the listeners file nowhere\.json cannot be read: .*\n$/,
		);
	});

	test("is found by applyd check", async () => {
		const algorithms = await mkdtemp(join(cwd, "algorithms-"));
		const check = (name: string) =>
			applyd(["check", "--algorithms", algorithms, "--listeners", name], {
				cwd,
			});
		expect(await check("bad.json")).toMatchObject({
			code: 1,
			stdout: `broken  bad.json  ${BAD}\n`,
		});
		expect(await check("listeners.json")).toMatchObject({
			code: 0,
			stdout: "ok      listeners.json  1 listener\n",
		});
	});
});

test("a server whose listeners cannot reach their brokers ends at once", async () => {
	const other = await startProcess(["--listeners", file]);
	try {
		await until("it has tried", () =>
			other.log.find(({ change }) => change === "failing"),
		);
		other.child.kill("SIGTERM");
		expect(await other.ended).toBe(0);
		const changes = other.log.filter(({ msg }) => msg === "listener");
		expect(changes.at(-1)).toMatchObject({ change: "ended" });
	} finally {
		await other.close();
	}
});

describe("after a kill", () => {
	test("what was made over the API is there again, and what was paused is paused", async () => {
		const args = ["--listeners", file, "--state", join(cwd, "kept")];
		const url = "/v1/users/local/event-listeners";
		const first = await startProcess(args);
		const made = await fetch(`${first.url}${url}`, {
			method: "POST",
			body: JSON.stringify({
				sourceType: "AMQP",
				sourceURI: "amqp://127.0.0.1:1/?queue=q",
				algoOwner: "wire",
				algoName: "Echo",
				credentials: "guest:guest",
			}),
		});
		const { id } = (await made.json()) as { id: string };
		for (const name of ["moods", id])
			await fetch(`${first.url}/v1/listeners/${name}/pause`, {
				method: "POST",
			});
		await first.close();
		const second = await startProcess(args);
		try {
			const answer = await fetch(`${second.url}/v1/listeners`);
			const { listeners } = (await answer.json()) as {
				listeners: ListenerView[];
			};
			expect(
				listeners.map(({ name, status }) => [name, status]).sort(),
			).toEqual(
				[
					[id, "paused"],
					["moods", "paused"],
				].sort(),
			);
			const kept = await fetch(`${second.url}${url}/${id}`);
			expect(await kept.json()).toMatchObject({ credentials: "********" });
		} finally {
			await second.close();
		}
	});
});
