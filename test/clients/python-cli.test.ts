import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
	afterAll,
	beforeAll,
	beforeEach,
	describe,
	expect,
	test,
} from "vitest";
import { runCommand, type ServerProcess } from "../support/process.ts";
import { optional } from "./optional.ts";
import { pythonClient } from "./python/client.ts";
import { startServer } from "./server.ts";

const bin = await optional("the command algo", pythonClient);

describe.skipIf(bin === undefined)("the command algo 2.0.5", () => {
	let server: ServerProcess;
	let home: string;
	beforeAll(async () => {
		server = await startServer();
	});
	afterAll(() => server.close());
	beforeEach(async () => {
		home = await mkdtemp(join(tmpdir(), "applyd-test-"));
		await mkdir(join(home, ".algorithmia"));
		await writeProfiles({ default: server.url });
	});

	/** The file as `algo auth` writes it. */
	const writeProfiles = (addresses: Record<string, string>) =>
		writeFile(
			join(home, ".algorithmia/config"),
			Object.entries(addresses)
				.map(
					([name, address]) =>
						`[profiles.${name}]\napi_key = "simabcd123"\napi_server = "${address}"\nca_cert = ""\nbearer_token = ""\n`,
				)
				.join("\n"),
		);

	const environment = (extra: NodeJS.ProcessEnv = {}) => ({
		PATH: process.env.PATH,
		HOME: home,
		...extra,
	});
	const algo = (args: string[], env?: NodeJS.ProcessEnv) =>
		runCommand(join(String(bin), "algo"), args, {
			cwd: home,
			env: environment(env),
		});
	const write = (name: string, content: string | Uint8Array) =>
		writeFile(join(home, name), content);

	test.each([
		[["quality/echo", "-d", "foo"], "foo"],
		[["demo/Hello/0.1.0", "--data", "☎"], "Hello ☎"],
		[["wire/Seen", "-d", "5"], "{'kind': 'string', 'value': '5'}"],
		[["wire/Seen", "-t", "5"], "{'kind': 'string', 'value': '5'}"],
		[["wire/Seen", "-j", "5"], "{'kind': 'number', 'value': 5}"],
		[["quality/echo", "--json", '{"a": [1.5, null]}'], "{'a': [1.5, None]}"],
		[["wire/Result", "-d", "void"], "None"],
		[["wire/Result", "-d", "binary"], "b'\\x00\\xff>\\n'"],
		[["testing/Sleep", "-j", "0", "--timeout", "5"], "0"],
		[["wire/Print", "-j", '{"lines": ["not shown"]}', "--debug"], "printed"],
	])("run %j prints %s", async (args, printed) => {
		expect(await algo(["run", ...args])).toEqual({
			code: 0,
			stdout: `${printed}\n`,
			stderr: "",
		});
	});

	test("run takes its input from a file: -D and -T text, -B bytes", async () => {
		await write("text.txt", "Grüße\n");
		await write("bytes.bin", Buffer.from([0, 255]));
		const printed = async (...args: string[]) =>
			(await algo(["run", "wire/Seen", ...args])).stdout;
		const text = "{'kind': 'string', 'value': 'Grüße\\n'}\n";
		expect(await printed("-D", "text.txt")).toBe(text);
		expect(await printed("-T", "text.txt")).toBe(text);
		expect(await printed("-B", "bytes.bin")).toBe(
			"{'kind': 'bytes', 'hex': '00ff'}\n",
		);
	});

	test("run -J makes one JSON string of the file, so that the algorithm gets a text", async () => {
		await write("input.json", "[1]");
		expect((await algo(["run", "wire/Seen", "-J", "input.json"])).stdout).toBe(
			"{'kind': 'string', 'value': '[1]'}\n",
		);
	});

	test("run -b fails by itself, before it calls", async () => {
		const { code, stderr } = await algo(["run", "wire/Seen", "-b", "foo"]);
		expect(code).toBe(1);
		expect(stderr).toContain("TypeError: string argument without an encoding");
	});

	test("run -o writes text and bytes to a file", async () => {
		await algo(["run", "quality/echo", "-d", "foo", "-o", "out.txt"]);
		expect(await readFile(join(home, "out.txt"), "utf8")).toBe("foo");
		await algo(["run", "wire/Result", "-d", "binary", "-o", "out.bin"]);
		expect(await readFile(join(home, "out.bin"))).toEqual(
			Buffer.from([0, 255, 62, 10]),
		);
	});

	test.each([
		["-d", "zeryx/raise_exception", "This is an exception"],
		["-j", "zeryx/raise_exception", "This is an exception"],
		["-j", "docs/JavaAddOne", "input must be number"],
		["-d", "no/Such", "<Response [404]>"],
		["-j", "no/Such", "algorithm algo://no/Such not found"],
	])("run %s of %s exits 1 and says %s", async (option, ref, message) => {
		const { code, stdout, stderr } = await algo(["run", ref, option, '"x"']);
		expect([code, stdout]).toEqual([1, ""]);
		expect(stderr).toContain(message);
	});

	test("run ends at --timeout with exit 1", async () => {
		const { code, stderr } = await algo([
			...["run", "testing/Sleep", "-j", "60", "--timeout", "1"],
		]);
		expect(code).toBe(1);
		expect(stderr).toContain("may have timed-out");
	});

	test("another profile is another address", async () => {
		await writeProfiles({ default: "http://127.0.0.1:9", here: server.url });
		const run = ["run", "quality/echo", "-d", "foo"];
		expect((await algo([...run, "--profile", "here"])).stdout).toBe("foo\n");
		expect((await algo(run)).code).toBe(1);
	});

	test("without a profile the address comes from ALGORITHMIA_API", async () => {
		await writeProfiles({ default: "" });
		const { stdout } = await algo(["run", "quality/echo", "-d", "foo"], {
			ALGORITHMIA_API: server.url,
		});
		expect(stdout).toBe("foo\n");
	});

	test("python -m Algorithmia is the same command", async () => {
		const { stdout } = await runCommand(
			join(String(bin), "python"),
			["-m", "Algorithmia", "run", "quality/echo", "-d", "foo"],
			{ cwd: home, env: environment() },
		);
		expect(stdout).toBe("foo\n");
	});

	test("auth refuses an address that does not begin with https://api.", async () => {
		const { stdout } = await runCommand(join(String(bin), "algo"), ["auth"], {
			env: environment(),
			stdin: `${server.url}\nsim0123456789012345678901234\n\n`,
		});
		expect(stdout).toContain("invalid API address");
	});

	test.each([
		[["languages"], 0],
		[["environment", "python3"], 0],
		[["builds", "demo", "Hello"], 1],
	])("%j is told that it is not here", async (args, exitCode) => {
		const { code, stdout, stderr } = await algo(args);
		expect(code).toBe(exitCode);
		expect(stdout + stderr).toContain("is no address of this server");
	});
});
