import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCommand, type ServerProcess } from "../support/process.ts";
import { optional } from "./optional.ts";
import { pythonClient } from "./python/client.ts";
import { run } from "./run.ts";
import { startServer } from "./server.ts";

const bin = await optional("the command algo", pythonClient);

describe.skipIf(bin === undefined)("data by the command algo 2.0.5", () => {
	let server: ServerProcess;
	let home: string;
	beforeAll(async () => {
		home = await mkdtemp(join(tmpdir(), "applyd-test-"));
		server = await startServer();
	});
	afterAll(() => server.close());

	const environment = () => ({ PATH: process.env.PATH, HOME: home });
	const algo = async (...args: string[]) => {
		const command = join(String(bin), "algo");
		const { code, stdout, stderr } = await runCommand(command, args, {
			cwd: home,
			env: environment(),
		});
		expect([code, stderr]).toEqual([0, ""]);
		return stdout;
	};

	test("the profile that the client's own auth writes is the one it reads", async () => {
		const auth = `from Algorithmia.CLI import CLI; CLI().auth("${server.url}", "simabcd123")`;
		await run(join(String(bin), "python"), ["-c", auth], {
			env: environment(),
		});
		const config = await readFile(join(home, ".algorithmia/config"), "utf8");
		expect(config).toContain(`api_server = "${server.url}"`);
		expect(await algo("run", "quality/echo", "-d", "foo")).toBe("foo\n");
	});

	test("mkdir, ls, cp both ways and between, cat, rm, rmdir", async () => {
		await algo("mkdir", "data://.my/cli_robots");
		expect(await algo("ls")).toBe("local/\n\n");
		expect(await algo("ls", "data://.my/")).toBe(".my/cli_robots/\n\n");

		await writeFile(join(home, "a.txt"), "Grüße\n");
		await algo("cp", "./a.txt", "data://.my/cli_robots");
		await algo(
			...["cp", "data://.my/cli_robots/a.txt", "data://.my/cli_robots/b.txt"],
		);
		const back = join(home, "back.txt");
		await algo("cp", "data://.my/cli_robots/b.txt", back);
		expect(await readFile(back, "utf8")).toBe("Grüße\n");
		expect(await algo("ls", "data://.my/cli_robots/")).toBe(
			".my/cli_robots/a.txt\n.my/cli_robots/b.txt\n\n",
		);
		expect(await algo("ls", "-l", "data://.my/cli_robots/a.txt")).toMatch(
			/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {3}8 {3}\.my\/cli_robots\/a\.txt\n\n$/,
		);
		expect(await algo("cat", "data://.my/cli_robots/a.txt")).toBe("Grüße\n\n");
		expect(await algo("cat", "data://.my/cli_robots/*")).toBe(
			"Grüße\nGrüße\n\n",
		);

		await algo("rm", "data://.my/cli_robots/a.txt");
		expect(await algo("rmdir", "data://.my/cli_robots")).toBe(
			"directory is not empty\n",
		);
		await algo("rmdir", "-f", "data://.my/cli_robots");
		expect(await algo("ls", "data://.my/")).toBe("\n");
		expect(await algo("cat", "data://.my/cli_robots/a.txt")).toBe(
			"file does not exist data://.my/cli_robots/a.txt\n",
		);
	});

	/** The client asks whether `data://here.txt` is a directory, and takes an account that is not there for one if told so. */
	test("cp to a plain file name", async () => {
		await algo("mkdir", "data://.my/cli_names");
		await writeFile(join(home, "a.txt"), "foo");
		await algo("cp", "./a.txt", "data://.my/cli_names/a.txt");
		await algo("cp", "data://.my/cli_names/a.txt", "here.txt");
		expect(await readFile(join(home, "here.txt"), "utf8")).toBe("foo");
	});
});
