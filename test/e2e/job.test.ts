import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JobView } from "../../src/index.ts";
import {
	applyd,
	BIN,
	type ServerProcess,
	startProcess,
} from "../support/process.ts";
import { until } from "../support/until.ts";

let server: ServerProcess;
let cwd: string;
beforeAll(async () => {
	cwd = await mkdtemp(join(tmpdir(), "applyd-test-"));
	server = await startProcess();
});
afterAll(async () => {
	await server.close();
	await rm(cwd, { recursive: true, force: true });
});

const job = (words: string[], stdin = "") =>
	applyd(["job", ...words], {
		cwd,
		stdin,
		env: { APPLYD_SERVER: server.url },
	});

/** @returns the id of a job that has been watched to its end */
async function done(words: string[], stdin = ""): Promise<string> {
	const { stdout } = await job(["submit", ...words, "--watch"], stdin);
	expect(stdout).toMatch(/^\S+\n$/);
	return stdout.trim();
}

const show = async (id: string): Promise<JobView> =>
	JSON.parse((await job(["show", id])).stdout);

const echoed = (...results: unknown[]): string =>
	results
		.map((result, index) => `${JSON.stringify({ index, result })}\n`)
		.join("");

describe("applyd job", () => {
	test("alone shows its commands", async () => {
		const { code, stdout, stderr } = await applyd(["job"]);
		expect([code, stderr]).toEqual([0, ""]);
		expect(stdout).toMatch(/^applyd job COMMAND/);
		for (const command of ["submit", "watch", "delete"])
			expect(stdout).toContain(`job ${command}`);
	});

	test.each([
		[["sumbit"], /unknown command job sumbit; did you mean job submit\?/],
		[["submit", "wire/Echo"], /job submit needs an algorithm and a file/],
		[["submit", "wire", "-"], /"wire" names no algorithm/],
		[["submit", "wire/Echo", "-", "--fromat", "csv"], /did you mean --format/],
		[
			["submit", "wire/Echo", "-", "--format", "xml"],
			/format is "xml"; it must be one of ndjson, csv/,
		],
		[
			["submit", "wire/Echo", "-", "--max-errors", "few"],
			/maxErrors is "few"; it must be a number, or null/,
		],
		[
			["submit", "wire/Echo", "data://.my/a/b", "--max-attempts", "0"],
			/maxAttempts is 0; it must be a whole number from 1/,
		],
		[["list", "x"], /job list takes no argument, and got x/],
		[["list", "--status", "done"], /status is 'done'; it must be one of/],
		[["show"], /job show needs one job: applyd job show ID/],
		[["cancel", "a", "b"], /job cancel needs one job/],
		[
			["show", "a", "--server", "here"],
			/--server is "here"; it must be an http/,
		],
		[["show", "a", "--key", "a\nb"], /--key is no key/],
	])("%j is wrong usage, exit 2", async (words, message) => {
		const { code, stdout, stderr } = await job(words, "1\n");
		expect(stderr).toMatch(message);
		expect([code, stdout]).toEqual([2, ""]);
	});

	test("says which server did not answer, exit 1", async () => {
		for (const words of [["list"], ["watch", "x"], ["submit", "a/B", "-"]]) {
			const { code, stdout, stderr } = await job(
				[...words, "--server", "http://127.0.0.1:1/"],
				"1\n",
			);
			expect(stderr).toMatch(
				/^applyd: no server answers at http:\/\/127\.0\.0\.1:1 \(.+\); .*--server or APPLYD_SERVER\n$/,
			);
			expect([code, stdout]).toEqual([1, ""]);
		}
	});

	test.each([
		"show",
		"watch",
		"cancel",
		"resume",
		"retry",
		"output",
		"errors",
		"delete",
	])("%s of no job says so, exit 1", async (verb) => {
		const { code, stdout, stderr } = await job([verb, "nosuch"]);
		expect(stderr).toMatch(/^applyd: .*nosuch/);
		expect([code, stdout]).toEqual([1, ""]);
	});

	test("submit says which file is not there, or is a folder, exit 1", async () => {
		const none = await job(["submit", "wire/Echo", "none.csv"]);
		expect(none.stderr).toMatch(/^applyd: .*none\.csv/);
		expect([none.code, none.stdout]).toEqual([1, ""]);
		const folder = await job(["submit", "wire/Echo", "."]);
		expect(folder.stderr).toBe("applyd: . is a folder, and no file\n");
		expect([folder.code, folder.stdout]).toEqual([1, ""]);
	});
});

describe("where the server wants a key", () => {
	const KEY = "simTheSecretRootKey";
	let guarded: ServerProcess;
	beforeAll(async () => {
		guarded = await startProcess(["--auth", "keys"], {
			APPLYD_ROOT_KEY: KEY,
		});
	});
	afterAll(() => guarded.close());
	const list = (env: Record<string, string>, ...words: string[]) =>
		applyd(["job", "list", "--server", guarded.url, ...words], { cwd, env });

	test("it is given with --key, APPLYD_KEY or in .env", async () => {
		const none = { code: 0, stdout: "", stderr: "there is no such job\n" };
		expect(await list({}, "--key", KEY)).toEqual(none);
		expect(await list({ APPLYD_KEY: KEY })).toEqual(none);
		expect(await list({ APPLYD_KEY: "other" }, "--key", KEY)).toEqual(none);
		await writeFile(join(cwd, ".env"), `APPLYD_KEY=${KEY}\n`);
		expect(await list({})).toEqual(none);
		await rm(join(cwd, ".env"));
	});

	test("a command without one, or with another, says what to do, exit 1", async () => {
		const missing = await list({});
		expect(missing.stderr).toMatch(
			/^applyd: .* wants a key it knows: authorization required; give one with --key or APPLYD_KEY\n$/,
		);
		expect([missing.code, missing.stdout]).toEqual([1, ""]);
		const unknown = await list({}, "--key", "simOther");
		expect(unknown.stderr).toMatch(/Unknown or invalid API key.*--key/);
		expect(unknown.code).toBe(1);
	});

	test("so does one that is still sending its file", async () => {
		await writeFile(join(cwd, "large.txt"), Buffer.alloc(20_000_000, "x\n"));
		const { code, stderr } = await applyd(
			["job", "submit", "wire/Echo", "large.txt", "--server", guarded.url],
			{ cwd },
		);
		expect(stderr).toMatch(/wants a key it knows/);
		expect(code).toBe(1);
	});
});

describe("applyd job submit", () => {
	test.each([
		["in.ndjson", "1\n2\n", echoed(1, 2)],
		["in.csv", "a\n1\n", echoed({ a: "1" })],
		["in.json", "[1,2]", echoed(1, 2)],
		["in.txt", "one\n", echoed("one")],
		["in.csv.gz", gzipSync("a\n1\n"), echoed({ a: "1" })],
		["in", "1\n", echoed(1)],
	])("reads %s by its name", async (file, content, output) => {
		await writeFile(join(cwd, file), content);
		const id = await done(["wire/Echo", file]);
		expect(await job(["output", id])).toEqual({
			code: 0,
			stdout: output,
			stderr: "",
		});
	});

	test("reads stdin, and what else is said", async () => {
		const id = await done(
			[
				...["wire/Echo", "-", "--format", "csv", "--csv-types", "infer"],
				...["--label", "nightly run", "--concurrency", "1"],
				...["--max-attempts", "1", "--max-errors", "0", "--timeout", "9.5"],
			],
			"a\n1\n",
		);
		expect(await show(id)).toMatchObject({
			label: "nightly run",
			format: "csv",
			status: "completed",
		});
		expect((await job(["output", id])).stdout).toBe(echoed({ a: 1 }));
	});

	test("takes a stored file, and stores the output", async () => {
		const data = (method: string, path: string, body?: string) =>
			fetch(`${server.url}/v1/data/.my${path}`, { method, body: body ?? null });
		await data("POST", "", '{"name":"box"}');
		await data("PUT", "/box/in.csv", "a\n1\n");
		const id = await done([
			...["wire/Echo", "data://.my/box/in.csv"],
			...["--output", "data://.my/box/out.ndjson"],
		]);
		expect((await show(id)).format).toBe("csv");
		const stored = await data("GET", "/box/out.ndjson");
		expect(await stored.text()).toBe(echoed({ a: "1" }));
	});

	test("without --watch prints the id and leaves", async () => {
		const submitted = await job(["submit", "wire/Wait", "-"], "500\n");
		expect(submitted).toMatchObject({ code: 0, stderr: "" });
		const id = submitted.stdout.trim();
		const { code, stdout, stderr } = await job(["watch", id]);
		expect([code, stdout]).toEqual([0, ""]);
		expect(stderr).toMatch(/completed: 1 succeeded, 0 failed\n$/);
	});
});

test("applyd job watch goes on when its server was killed and is back", async () => {
	const state = await mkdtemp(join(tmpdir(), "applyd-test-"));
	const first = await startProcess(["--state", state]);
	const at = ["--server", first.url];
	const waits = "100\n".repeat(40);
	const submitted = await applyd(
		["job", "submit", "wire/Wait", "-", "--concurrency", "1", ...at],
		{ cwd, stdin: waits },
	);
	const watching = spawn(
		process.execPath,
		[BIN, "job", "watch", submitted.stdout.trim(), ...at],
		{ cwd, stdio: ["ignore", "ignore", "pipe"] },
	);
	const ended = once(watching, "close");
	let stderr = "";
	watching.stderr.setEncoding("utf8").on("data", (text) => {
		stderr += text;
	});
	await until("it has seen progress", () => /^\d+\/(40|\?)/.test(stderr));
	await first.close();
	await until("it has noticed", () => stderr.includes("the server is away"));
	const { port } = new URL(first.url);
	const second = await startProcess(["--state", state, "--port", port]);
	expect(await ended).toEqual([0, null]);
	expect(stderr).toMatch(/completed: 40 succeeded, 0 failed\n$/);
	await second.close();
	await rm(state, { recursive: true, force: true });
});

describe("applyd job list, show, errors, retry, cancel, resume, delete", () => {
	test("go through a job's life", async () => {
		const id = await done(
			["wire/Throws", "-", "--max-attempts", "1", "--label", "mine"],
			'{"what":"error"}\n',
		);
		const listed = await job(["list", "--algorithm", "wire/Throws"]);
		expect(listed.stdout).toMatch(
			new RegExp(
				`^${id}  completed  1/1  1 failed  \\S+Z  wire/Throws/1\\.0\\.0  mine\n`,
			),
		);
		expect(await show(id)).toMatchObject({ id, items: { failed: 1 } });
		const errors = await job(["errors", id]);
		expect(JSON.parse(errors.stdout)).toMatchObject({
			index: 0,
			input: { what: "error" },
			error: { message: "too far" },
		});
		expect((await job(["errors", id, "--inputs"])).stdout).toBe(
			'{"what":"error"}\n',
		);
		const retry = await job(["retry", id]);
		expect(retry.stdout).toMatch(new RegExp(`^${id} (queued|running)\n$`));
		const watched = await job(["watch", id]);
		expect(watched.code).toBe(0);
		expect(watched.stderr).toContain(
			`completed: 0 succeeded, 1 failed\napplyd job errors ${id} says why\n`,
		);
		expect(await job(["delete", id])).toEqual({
			code: 0,
			stdout: `deleted ${id}\n`,
			stderr: "",
		});
	});

	test("stop one that is on its way, and let it go on", async () => {
		const waits = "200\n".repeat(1000);
		const { stdout } = await job(["submit", "wire/Wait", "-"], waits);
		const id = stdout.trim();
		const refused = await job(["delete", id]);
		expect([refused.code, refused.stdout]).toEqual([1, ""]);
		const watching = job(["watch", id]);
		const cancel = await job(["cancel", id]);
		expect(cancel.stdout).toMatch(new RegExp(`^${id} cancell(ing|ed)\n$`));
		expect((await watching).code).toBe(1);
		expect((await show(id)).status).toBe("cancelled");
		const resume = await job(["resume", id]);
		expect(resume.stdout).toMatch(new RegExp(`^${id} (queued|running)\n$`));
		await job(["cancel", id]);
		expect((await job(["watch", id])).code).toBe(1);
	});
});
