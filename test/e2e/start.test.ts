import { once } from "node:events";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { EXAMPLES } from "../support/app.ts";
import { applyd, startProcess } from "../support/process.ts";

const folder = () => mkdtemp(join(tmpdir(), "applyd-test-"));

describe("a refused start", () => {
	test.each([
		[
			["--port", "99999"],
			/^applyd: --port is "99999"; it must be a whole number from 0 to 65535$/,
		],
		[["--prot", "1"], /^applyd: unknown flag --prot; did you mean --port\?$/],
		[
			["--isolation", "none"],
			/--isolation is "none"; it must be one of thread, process/,
		],
		[["--port"], /port/],
		[["stray"], /unknown command stray; did you mean/],
	])("%j is told in one line, exit 2", async (args, message) => {
		const { code, stdout, stderr } = await applyd(args, {
			cwd: await folder(),
		});
		expect(stderr.trimEnd()).toMatch(message);
		expect(stderr.trimEnd().split("\n")).toHaveLength(1);
		expect(stdout).toBe("");
		expect(code).toBe(2);
	});

	test("an unknown APPLYD_ variable is named with its nearest neighbour, exit 2", async () => {
		const { code, stderr } = await applyd(["serve"], {
			cwd: await folder(),
			env: { APPLYD_PROT: "1" },
		});
		expect(stderr).toBe(
			"applyd: unknown variable APPLYD_PROT; did you mean APPLYD_PORT?\n",
		);
		expect(code).toBe(2);
	});

	test("a bad value in .env is named too, exit 2", async () => {
		const cwd = await folder();
		await writeFile(join(cwd, ".env"), "APPLYD_MAX_QUEUE=many\n");
		const { code, stderr } = await applyd(["serve"], { cwd });
		expect(stderr).toMatch(
			/APPLYD_MAX_QUEUE is "many"; it must be a whole number, at least 1/,
		);
		expect(code).toBe(2);
	});

	test("a root that is not there, exit 1", async () => {
		const { code, stderr } = await applyd(
			["serve", "--algorithms", "nowhere"],
			{ cwd: await folder() },
		);
		expect(stderr).toMatch(
			/^applyd: the algorithms root .*nowhere is not there.*--algorithms/,
		);
		expect(code).toBe(1);
	});

	test("a port that is taken, exit 1", async () => {
		const taken = createServer().listen(0, "127.0.0.1");
		await once(taken, "listening");
		const { port } = taken.address() as { port: number };
		const { code, stderr } = await applyd(
			["serve", "--port", String(port), "--algorithms", EXAMPLES],
			{ cwd: await folder() },
		);
		taken.close();
		expect(stderr).toMatch(new RegExp(`${port}`));
		expect(code).toBe(1);
	});
});

describe("a store that cannot be used stops the start with exit 1", () => {
	test("a damaged one, which stays as it is", async () => {
		const state = await folder();
		const file = join(state, "applyd.db");
		await writeFile(file, "no database");
		const { code, stdout, stderr } = await applyd([
			...["serve", "--port", "0"],
			...["--state", state, "--algorithms", EXAMPLES],
		]);
		expect(stderr).toMatch(/^applyd: .*applyd\.db is damaged.*--state\n$/);
		expect([code, stdout]).toEqual([1, ""]);
		expect(await readFile(file, "utf8")).toBe("no database");
	});

	test("a state folder that is a file", async () => {
		const state = join(await folder(), "file");
		await writeFile(state, "");
		const { code, stderr } = await applyd([
			...["serve", "--port", "0"],
			...["--state", state, "--algorithms", EXAMPLES],
		]);
		expect(stderr).toContain(state);
		expect(code).toBe(1);
	});
});

test("on all addresses it asks for keys, and says that there is none", async () => {
	const server = await startProcess(["--host", "0.0.0.0"]);
	const url = server.url.replace("0.0.0.0", "127.0.0.1");
	const answer = await fetch(`${url}/v1/algo/wire/Echo`, { method: "POST" });
	expect([answer.status, await answer.text()]).toEqual([
		401,
		'{"error":{"message":"authorization required"}}',
	]);
	expect((await fetch(`${url}/readyz`)).status).toBe(200);
	expect(server.log).toContainEqual(
		expect.objectContaining({ msg: expect.stringMatching(/no key/) }),
	);
	await server.close();
});

test("on all addresses it asks nobody when that is said to be meant", async () => {
	const server = await startProcess(["--host", "0.0.0.0", "--auth", "off"]);
	const url = server.url.replace("0.0.0.0", "127.0.0.1");
	const answer = await fetch(`${url}/v1/algo/wire/Echo`, { method: "POST" });
	expect(answer.status).toBe(200);
	await server.close();
});

test("every command has help on stdout, exit 0", async () => {
	for (const command of [
		...["serve", "run", "check", "init", "install"],
		...["key", "key create", "key list", "key revoke"],
		...["job", "job submit", "job list", "job show", "job watch"],
		...["job cancel", "job resume", "job retry", "job output"],
		...["job errors", "job delete"],
	]) {
		const words = command.split(" ");
		const { code, stdout, stderr } = await applyd([...words, "--help"]);
		expect([code, stderr]).toEqual([0, ""]);
		expect(stdout).toMatch(new RegExp(`^applyd ${command}[ \\n]`));
	}
	expect((await applyd(["--help"])).stdout).toContain("key revoke");
});
