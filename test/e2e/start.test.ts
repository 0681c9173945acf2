import { once } from "node:events";
import { mkdtemp, writeFile } from "node:fs/promises";
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
		[["--host", "0.0.0.0"], /--host is 0\.0\.0\.0.*--auth off/],
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

test("all addresses are listened on when that is said to be meant", async () => {
	const server = await startProcess(["--host", "0.0.0.0", "--auth", "off"]);
	expect(
		(await fetch(server.url.replace("0.0.0.0", "127.0.0.1").concat("/livez")))
			.status,
	).toBe(200);
	await server.close();
});

test("every command has help on stdout, exit 0", async () => {
	for (const command of ["serve", "run", "check", "init", "install"]) {
		const { code, stdout, stderr } = await applyd([command, "--help"]);
		expect([code, stderr]).toEqual([0, ""]);
		expect(stdout).toMatch(new RegExp(`^applyd ${command} `));
	}
	expect((await applyd(["--help"])).stdout).toContain("install");
});
