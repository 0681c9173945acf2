import { spawn } from "node:child_process";
import { once } from "node:events";
import {
	mkdir,
	mkdtemp,
	readdir,
	readFile,
	rm,
	writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { run } from "../clients/run.ts";
import { startApp } from "../support/app.ts";
import { startSilentIndex } from "../support/packages.ts";
import { applyd, BIN } from "../support/process.ts";

const REF = "me/Needs/1.0.0";

let cwd: string;
beforeEach(async () => {
	cwd = await mkdtemp(join(tmpdir(), "applyd-test-"));
	await declare({ ms: "2.1.3" });
	await write(
		"index.mjs",
		'import ms from "ms";\nexport const apply = (input) => ms(input);\n',
	);
});
afterEach(() => rm(cwd, { recursive: true }));

const folder = () => join(cwd, "algorithms", REF);
const write = async (path: string, text: string) => {
	await mkdir(dirname(join(folder(), path)), { recursive: true });
	await writeFile(join(folder(), path), text);
};
const declare = (dependencies: Record<string, string>, more = {}) =>
	write(
		"package.json",
		JSON.stringify({ private: true, dependencies, ...more }),
	);
const install = () => applyd(["install"], { cwd });
const outcome = async () => {
	const { code, stdout } = await install();
	return [code, stdout];
};
const INSTALLED = [0, `installed  ${REF}\n`];
const UP_TO_DATE = [0, `up to date  ${REF}\n`];
const FAILED = [1, `failed  ${REF}\n`];
const answer = () => applyd(["run", "me/Needs", '"1h"'], { cwd });
const versionOf = async (name: string) =>
	JSON.parse(
		await readFile(
			join(folder(), "node_modules", name, "package.json"),
			"utf8",
		),
	).version;
const files = async () => (await readdir(folder())).sort();

test("what a package.json declares is brought into the algorithm's own folder, once, and nothing else", async () => {
	const missing = await answer();
	expect(missing.code).toBe(1);
	expect(missing.stderr).toMatch(/run: applyd install me\/Needs\/1\.0\.0/);
	expect(await outcome()).toEqual(INSTALLED);
	expect(await versionOf("ms")).toBe("2.1.3");
	expect((await answer()).stdout).toBe("3600000\n");
	expect(await files()).toEqual(["index.mjs", "node_modules", "package.json"]);
	expect(await install()).toEqual({
		code: 0,
		stdout: `up to date  ${REF}\n`,
		stderr: "",
	});
});

test("a lock file is followed and left as it is", async () => {
	await declare({ ms: "2.1.2" });
	await run("npm", ["install", "--package-lock-only"], { cwd: folder() });
	const lock = (
		await readFile(join(folder(), "package-lock.json"), "utf8")
	).replaceAll('"ms": "2.1.2"', '"ms": "^2.1.2"');
	await write("package-lock.json", lock);
	await declare({ ms: "^2.1.2" });
	expect(await outcome()).toEqual(INSTALLED);
	expect(await versionOf("ms")).toBe("2.1.2");
	expect(await readFile(join(folder(), "package-lock.json"), "utf8")).toBe(
		lock,
	);
	await declare({ ms: "^2.1.3" });
	expect(await outcome()).toEqual(FAILED); // npm ci: the two must agree
	expect(await versionOf("ms")).toBe("2.1.2");
});

test("a changed package.json is installed anew, and one that cannot be leaves the old packages in force", async () => {
	expect(await outcome()).toEqual(INSTALLED);
	await declare({ ms: "99.99.99" });
	const failed = await install();
	expect([failed.code, failed.stdout]).toEqual(FAILED);
	expect(failed.stderr).toContain(`${REF}: npm install ended with code 1\n`);
	expect((await answer()).stdout).toBe("3600000\n");
	expect(await files()).toEqual(["index.mjs", "node_modules", "package.json"]);
	await declare({ ms: "2.1.2" });
	expect(await outcome()).toEqual(INSTALLED);
	expect(await versionOf("ms")).toBe("2.1.2");
});

test("an install that is killed half way leaves the old packages in force, and the next one cleans up", async () => {
	expect(await outcome()).toEqual(INSTALLED);
	const index = await startSilentIndex();
	await declare({ ms: "2.1.2", silent: "1.0.0" });
	await write(".npmrc", `registry=${index.url}\nfetch-retries=0\n`);
	const killed = spawn(process.execPath, [BIN, "install"], {
		cwd,
		stdio: "ignore",
	});
	await index.asked;
	killed.kill("SIGKILL");
	await once(killed, "exit");
	expect((await answer()).stdout).toBe("3600000\n");
	expect(await files()).toContain(`.node_modules-${killed.pid}`);
	index.close();
	await rm(join(folder(), ".npmrc"));
	await declare({ ms: "2.1.2" });
	expect(await outcome()).toEqual(INSTALLED);
	expect(await versionOf("ms")).toBe("2.1.2");
	expect(await files()).toEqual(["index.mjs", "node_modules", "package.json"]);
});

test("what a package.json names or runs in the folder itself is installed in place", async () => {
	await write("lib/package.json", '{"name": "lib", "version": "1.0.0"}');
	await write("lib/index.js", "module.exports = 'from lib';\n");
	await write(
		"index.mjs",
		'import lib from "lib";\nexport const apply = () => lib;\n',
	);
	await declare({ lib: "file:./lib" });
	expect(await outcome()).toEqual(INSTALLED);
	expect((await answer()).stdout).toBe("from lib\n");
	expect(await outcome()).toEqual(UP_TO_DATE);
	await declare({}, { scripts: { postinstall: "node -p 1+1 > lib/made.txt" } });
	expect(await outcome()).toEqual(INSTALLED);
	expect(await readFile(join(folder(), "lib/made.txt"), "utf8")).toBe("2\n");
	expect(await outcome()).toEqual(UP_TO_DATE);
});

test("a package.json that declares nothing needs nothing, and a broken one is told", async () => {
	await write("package.json", '{"type": "module"}');
	expect(await install()).toEqual({
		code: 0,
		stdout: "",
		stderr: "no dependencies are declared\n",
	});
	await write("package.json", "{ broken");
	const { code, stdout, stderr } = await install();
	expect([code, stdout]).toEqual(FAILED);
	expect(stderr).toMatch(`${REF}: package.json: `);
});

test("a running server runs with what was installed from the next call on", async () => {
	const server = await startApp({
		algorithms: [join(cwd, "algorithms")],
		watch: true,
	});
	try {
		const call = async () => {
			const response = await fetch(`${server.url}/v1/algo/me/Needs`, {
				method: "POST",
				headers: { "content-type": "application/json" },
				body: '"1h"',
			});
			const { result, error } = (await response.json()) as {
				result?: unknown;
				error?: { message: string; error_type: string };
			};
			return result ?? [error?.error_type, error?.message];
		};
		expect(await call()).toEqual([
			"LoadingError",
			expect.stringContaining(`run: applyd install ${REF}`),
		]);
		expect(await outcome()).toEqual(INSTALLED);
		expect(await call()).toBe(3_600_000);
	} finally {
		await server.close();
	}
});
