import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
	applyd,
	type ServerProcess,
	startProcess,
} from "../support/process.ts";
import { until } from "../support/until.ts";

const KEY = /^sim[A-Za-z0-9+/]{25}\n$/;

let state: string;
beforeEach(async () => {
	state = await mkdtemp(join(tmpdir(), "applyd-test-"));
});
afterEach(() => rm(state, { recursive: true, force: true }));

const key = (...words: string[]) =>
	applyd(["key", ...words, "--state", state], { cwd: state });

describe("applyd key create", () => {
	test("prints a new key and nothing else, exit 0", async () => {
		const { code, stdout, stderr } = await key("create", "ada");
		expect(stdout).toMatch(KEY);
		expect([code, stderr]).toEqual([0, ""]);
	});

	test.each([
		[[], "algo://*, data write, manage, web"],
		[["--allow", "algo://a/*"], "algo://a/*, data none"],
		[
			["--allow", "algo://a/*", "--allow", "algo://b/C", "--data", "read"],
			"algo://a/*, algo://b/C, data read",
		],
		[
			["--allow", "algo://*", "--manage", "--web", "--referer", "*.a.com"],
			"algo://*, data none, manage, web *.a.com",
		],
		[["--data", "none"], "algo://*, data none, manage, web"],
		[["--referer", "a.com"], "algo://*, data write, manage, web a.com"],
		[["--no-web"], "algo://*, data write, manage"],
		[["--admin"], "admin"],
	])("with %j makes one that may: %s", async (options, rights) => {
		await key("create", "ada", "--label", "mine", ...options);
		const { stdout } = await key("list");
		expect(stdout).toMatch(/^sim….{4} {2}ada {2}mine {2}\S+ {2}/);
		expect(stdout.trimEnd().endsWith(`Z  ${rights}`)).toBe(true);
	});

	test.each([
		[[], /needs one account/],
		[["ada", "bob"], /needs one account/],
		[["no-name"], /"no-name" is no name: a letter, then/],
		[["a".repeat(31)], /is longer than 30 characters/],
		[["ada", "--allow", "demo/Hello"], /--allow is "demo\/Hello"; it must be/],
		[["ada", "--data", "all"], /--data is "all"; it must be none, read or/],
		[["ada", "--label", ""], /--label is empty/],
		[["ada", "--referer", "https://a.com"], /--referer is .* a host name/],
		[
			["ada", "--allow", "algo://*", "--referer", "a.com"],
			/--referer needs --web/,
		],
		[["ada", "--admin", "--web"], /--admin and --web exclude each other/],
		[["ada", "--lable", "x"], /unknown flag --lable; did you mean --label/],
	])("%j is wrong usage, exit 2", async (words, message) => {
		const { code, stdout, stderr } = await key("create", ...words);
		expect(stderr).toMatch(message);
		expect([code, stdout]).toEqual([2, ""]);
	});
});

describe("applyd key list and revoke", () => {
	test("show and end keys that were made, never in clear", async () => {
		const { stdout: text } = await key("create", "ada", "--label", "ci");
		const mask = `sim…${text.trim().slice(-4)}`;
		expect((await key("list")).stdout).not.toContain(text.trim());
		expect(await key("revoke", "ci")).toEqual({
			code: 0,
			stdout: `revoked ${mask}\n`,
			stderr: "",
		});
		expect((await key("list")).stdout).toMatch(/ {2}revoked \d{4}-/);
	});

	test("of a key that is not there is exit 1, of none at all 2", async () => {
		const missing = await key("revoke", "no-such");
		expect(missing.stderr).toContain("no key has the mask or label no-such");
		expect(missing.code).toBe(1);
		expect((await key("revoke")).code).toBe(2);
		expect((await key("list")).stderr).toBe("there is no key\n");
	});

	test("is said to be unknown where the second word is", async () => {
		const { code, stderr } = await key("creat");
		expect([code, stderr]).toEqual([
			2,
			"applyd: unknown command key creat; did you mean key create? applyd --help lists all\n",
		]);
	});
});

describe("beside a running server", () => {
	let server: ServerProcess;
	afterEach(() => server.close());

	const call = async (authorization: string, path = "wire/Echo") => {
		const { status } = await fetch(`${server.url}/v1/algo/${path}`, {
			method: "POST",
			headers: { authorization },
		});
		return status;
	};

	test("a key works as soon as it is printed, and ends soon after it is revoked, while calls go on", async () => {
		server = await startProcess(["--auth", "keys", "--state", state]);
		const texts = await Promise.all(
			["a", "b"].map(async (label) =>
				(await key("create", "ada", "--label", label)).stdout.trim(),
			),
		);
		const [first = "", second = ""] = texts;
		expect(await call(first)).toBe(200);
		expect(await call(`Simple ${second}`)).toBe(200);
		expect((await key("revoke", "a")).code).toBe(0);
		await until("it is refused", async () => (await call(first)) === 401);
		expect(await call(second)).toBe(200);
	});

	test("keys outlive the server, killed or not", async () => {
		server = await startProcess(["--auth", "keys", "--state", state]);
		const { stdout } = await key("create", "ada");
		expect(await call(stdout.trim())).toBe(200);
		server.child.kill("SIGKILL");
		await server.ended;
		server = await startProcess(["--auth", "keys", "--state", state]);
		expect(await call(stdout.trim())).toBe(200);
	});

	test("calls go on while another process has the store locked for seconds", async () => {
		server = await startProcess(["--auth", "keys", "--state", state]);
		const { stdout } = await key("create", "ada");
		const locking = spawn(
			process.execPath,
			[
				"-e",
				`const { DatabaseSync } = require("node:sqlite");
				new DatabaseSync(${JSON.stringify(join(state, "applyd.db"))}).exec("BEGIN EXCLUSIVE");
				console.log("locked"); process.stdin.resume();`,
			],
			{ stdio: ["pipe", "pipe", "inherit"] },
		);
		await once(locking.stdout, "data");
		const creating = key("create", "bob");
		expect(await call(stdout.trim())).toBe(200);
		expect(await call("simabcd123")).toBe(401);
		const { code, stderr } = await creating;
		expect(stderr).toMatch(/applyd\.db is locked by another process/);
		expect(code).toBe(1);
		expect(await call(stdout.trim())).toBe(200);
		locking.kill();
	});

	test("the root key of the environment works, and neither log nor author code sees it", async () => {
		const secret = "simTheSecretRootKey";
		server = await startProcess(["--auth", "keys", "--state", state], {
			APPLYD_ROOT_KEY: secret,
			DATABASE_URL: "postgres://a:b@c/d",
			AWS_SECRET_ACCESS_KEY: "aws-secret",
		});
		expect(await call(`Simple ${secret}`)).toBe(200);
		expect(await call(`${secret}x`)).toBe(401);
		const answer = await fetch(`${server.url}/v1/algo/life/Context`, {
			method: "POST",
			headers: { authorization: secret, "content-type": "application/json" },
			body: "{}",
		});
		const { result } = (await answer.json()) as { result: { env: string[] } };
		expect(result.env).toEqual([]);
		expect(JSON.stringify(server.log)).not.toContain(secret);
		const help = await applyd(["serve", "--help"], {
			env: { APPLYD_ROOT_KEY: secret },
		});
		expect(help.stdout).toContain("APPLYD_ROOT_KEY");
		expect(help.stdout).not.toContain(secret);
	});
});
