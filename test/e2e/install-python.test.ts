import { spawn } from "node:child_process";
import { once } from "node:events";
import {
	mkdir,
	mkdtemp,
	readdir,
	readlink,
	rm,
	symlink,
	writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
	afterEach,
	beforeAll,
	beforeEach,
	describe,
	expect,
	test,
} from "vitest";
import { run } from "../clients/run.ts";
import { startApp } from "../support/app.ts";
import {
	makeUv,
	makeWheels,
	pythonEnvironment,
	startSilentIndex,
} from "../support/packages.ts";
import { applyd, BIN } from "../support/process.ts";

const REF = "me/Tiny/1.0.0";
const MISSING = `needs what requirements.txt names, which is not installed; run: applyd install ${REF}`;
const CHANGED = `requirements.txt has changed since applyd install; run: applyd install ${REF}`;

/** What holds with both is tried with the quicker one. */
const environments: Record<string, NodeJS.ProcessEnv> = {};
let cwd: string;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
	environments.pip = await pythonEnvironment();
	environments.uv = await pythonEnvironment(await makeUv());
}, 120_000);
beforeEach(async () => {
	env = environments.uv ?? {};
	cwd = await mkdtemp(join(tmpdir(), "applyd-test-"));
	await makeWheels(join(cwd, "wheels"), ["1.0", "2.0"]);
	await write("me/Tiny/1.0.0/requirements.txt", tiny("1.0"));
	await write(
		"me/Tiny/1.0.0/index.py",
		"import tiny\n\ndef apply(input):\n    return tiny.VERSION\n",
	);
});
afterEach(() => rm(cwd, { recursive: true }));

const folder = () => join(cwd, "algorithms", REF);
const write = async (path: string, text: string) => {
	const file = join(cwd, "algorithms", path);
	await mkdir(dirname(file), { recursive: true });
	await writeFile(file, text);
};
const tiny = (version: string) =>
	`--no-index\n--find-links ${join(cwd, "wheels")}\ntiny==${version}\n`;
const install = (...refs: string[]) =>
	applyd(["install", ...refs], { cwd, env });
const installed = async () => {
	const { code, stdout } = await install();
	expect([code, stdout]).toEqual([0, `installed  ${REF}\n`]);
};
/** What the algorithm answers, or why it does not. */
const answer = async () => {
	const { stdout, stderr } = await applyd(["run", "me/Tiny", "1"], {
		cwd,
		env,
	});
	return (stdout || stderr).trim();
};
/** Folders of venvs, in force or left behind. */
const venvs = async () =>
	(await readdir(folder())).filter((name) => name.startsWith(".venv-"));

describe.each(["pip", "uv"])("with %s", (tool) => {
	beforeEach(() => {
		env = environments[tool] ?? {};
	});

	test("a requirements.txt is what a version needs before it runs, and is installed once", async () => {
		expect(await answer()).toBe(MISSING);
		const checked = await applyd(["check"], { cwd, env });
		expect(checked.stdout).toBe(`broken  ${REF}  ${MISSING}\n`);
		expect(checked.code).toBe(1);
		const { code, stdout, stderr } = await install();
		expect([code, stdout]).toEqual([0, `installed  ${REF}\n`]);
		expect(stderr).toContain(
			`${REF}: requirements.txt, with ${tool} for Python 3.`,
		);
		expect(await answer()).toBe("1.0");
		const [venv] = await venvs();
		const again = await install();
		expect([again.code, again.stdout, again.stderr]).toEqual([
			0,
			`up to date  ${REF}\n`,
			"",
		]);
		expect(await venvs()).toEqual([venv]);
		expect(await readlink(join(folder(), ".venv"))).toBe(venv);
	});

	test("a pyproject.toml is installed from the registry, without being a package", async () => {
		await rm(join(folder(), "requirements.txt"));
		await write(
			"me/Tiny/1.0.0/pyproject.toml",
			'[project]\ndependencies = [\n  "six==1.17.0 ; python_version > \\"3\\"", # pinned\n]\n\n[tool.ruff]\nline-length = 100\n',
		);
		await write(
			"me/Tiny/1.0.0/index.py",
			"import six\n\ndef apply(input):\n    return six.__version__\n",
		);
		expect(await answer()).toBe(
			MISSING.replace("requirements.txt", "pyproject.toml"),
		);
		await installed();
		expect(await answer()).toBe("1.17.0");
	});
});

describe("a requirements.txt", () => {
	test("that has changed is told by check, runs with what was installed, and is installed by the next", async () => {
		await installed();
		await write("me/Tiny/1.0.0/requirements.txt", tiny("2.0"));
		const { code, stdout } = await applyd(["check"], { cwd, env });
		expect([code, stdout]).toEqual([
			0,
			`ok      ${REF}  loads; has no sampleInput to run; ${CHANGED}\n`,
		]);
		expect(await answer()).toBe("1.0");
		await installed();
		expect(await answer()).toBe("2.0");
		expect(await venvs()).toHaveLength(1);
	});

	test("that cannot be installed leaves the old packages in force and nothing behind, and stops no other version", async () => {
		await installed();
		await write("me/Tiny/1.0.0/requirements.txt", tiny("3.0"));
		await write("me/Tiny/1.0.1/requirements.txt", tiny("2.0"));
		await write("me/Tiny/0.9.0/requirements.txt", tiny("2.0"));
		const { code, stdout, stderr } = await install();
		expect(code).toBe(1);
		expect(stdout).toBe(
			`installed  me/Tiny/1.0.1\nfailed  ${REF}\ninstalled  me/Tiny/0.9.0\n`,
		);
		expect(stderr).toContain(`${REF}: uv install ended with code 1\n`);
		expect(await venvs()).toHaveLength(1);
		expect((await applyd(["run", REF, "1"], { cwd, env })).stdout).toBe(
			"1.0\n",
		);
	});

	test("whose install is killed half way leaves the old packages in force, and the next install cleans up", async () => {
		await installed();
		const index = await startSilentIndex();
		await write(
			"me/Tiny/1.0.0/requirements.txt",
			`--index-url ${index.url}\ntiny==2.0\n`,
		);
		const killed = spawn(process.execPath, [BIN, "install"], {
			cwd,
			env: { ...process.env, ...env, UV_HTTP_RETRIES: "0" },
			stdio: "ignore",
		});
		await index.asked;
		killed.kill("SIGKILL");
		await once(killed, "exit");
		expect(await answer()).toBe("1.0");
		expect(await venvs()).toHaveLength(2);
		await write("me/Tiny/1.0.0/requirements.txt", tiny("2.0"));
		await installed();
		expect(await answer()).toBe("2.0");
		expect(await venvs()).toHaveLength(1);
	});

	test("may be installed by two at once", async () => {
		const both = await Promise.all([install(), install()]);
		expect(both.map(({ code }) => code)).toEqual([0, 0]);
		expect(await answer()).toBe("1.0");
		expect((await install()).stdout).toBe(`up to date  ${REF}\n`);
		expect(await venvs()).toHaveLength(1);
	});

	test("is installed anew when the Python of the venv is gone", async () => {
		await installed();
		await rm(join(folder(), ".venv/bin/python"));
		expect(await answer()).toBe(MISSING);
		await installed();
		expect(await answer()).toBe("1.0");
	});

	test("that names nothing needs nothing", async () => {
		await write("me/Tiny/1.0.0/requirements.txt", "# six\n\n");
		await write("me/Tiny/1.0.0/index.py", "def apply(input):\n    return 7\n");
		expect(await answer()).toBe("7");
		expect(await install()).toEqual({
			code: 0,
			stdout: "",
			stderr: "no dependencies are declared\n",
		});
	});
});

describe("a .venv that a person made", () => {
	test("counts as installed and is left as it is", async () => {
		const python = env.APPLYD_PYTHON ?? "";
		await run(python, ["-m", "venv", join(folder(), ".venv")]);
		await run(join(folder(), ".venv/bin/pip"), [
			"install",
			join(cwd, "wheels/tiny-2.0-py3-none-any.whl"),
		]);
		const { code, stdout, stderr } = await install();
		expect([code, stdout, stderr]).toEqual([
			0,
			`up to date  ${REF}\n`,
			`${REF}: .venv was not made by applyd install, and is left as it is\n`,
		]);
		expect(await answer()).toBe("2.0");
	});

	test("without a Python in it is not, and is left as it is all the same", async () => {
		await symlink("elsewhere", join(folder(), ".venv"));
		expect(await answer()).toBe(MISSING);
		const { code, stdout, stderr } = await install();
		expect([code, stdout]).toEqual([1, `failed  ${REF}\n`]);
		expect(stderr).toContain("has no bin/python; remove it");
		expect(await readlink(join(folder(), ".venv"))).toBe("elsewhere");
	});
});

test("a running server runs with what was installed from the next call on", async () => {
	const server = await startApp({
		algorithms: [join(cwd, "algorithms")],
		watch: true,
	});
	try {
		const call = async () => {
			const response = await fetch(`${server.url}/v1/algo/me/Tiny`, {
				method: "POST",
				headers: { "content-type": "application/json" },
				body: "1",
			});
			const { result, error } = (await response.json()) as {
				result?: unknown;
				error?: { message: string; error_type: string };
			};
			return result ?? [response.status, error?.error_type, error?.message];
		};
		expect(await call()).toEqual([200, "LoadingError", MISSING]);
		await installed();
		expect(await call()).toBe("1.0");
		await write("me/Tiny/1.0.0/requirements.txt", tiny("2.0"));
		expect(await call()).toBe("1.0");
		await installed();
		expect(await call()).toBe("2.0");
	} finally {
		await server.close();
	}
});

describe("a Python that cannot be used", () => {
	const told = async (python: string) => {
		const { code, stdout, stderr } = await applyd(["install"], {
			cwd,
			env: { ...env, APPLYD_PYTHON: python },
		});
		expect([code, stdout]).toEqual([1, `failed  ${REF}\n`]);
		return stderr;
	};

	test("is named, with what it must be", async () => {
		const must = (python: string) =>
			`${REF}: APPLYD_PYTHON is ${python}; it must be Python 3.9 or newer; `;
		expect(await told("/no/python3")).toBe(
			`${must("/no/python3")}it is not there\n`,
		);
		expect(await told(process.execPath)).toContain(must(process.execPath));
	});

	test("for pip, as it has no ensurepip, is told, with the package that brings it", async () => {
		env = environments.pip ?? {};
		const home = join(cwd, "python");
		const facts = `
import os, shutil, sys, sysconfig
home = sys.argv[1]
stdlib = sysconfig.get_path("stdlib")
lib = os.path.join(home, "lib", os.path.basename(stdlib))
os.makedirs(lib), os.makedirs(home + "/bin")
for name in os.listdir(stdlib):
    if name != "ensurepip":
        os.symlink(os.path.join(stdlib, name), os.path.join(lib, name))
shutil.copy(os.path.realpath(sys.executable), home + "/bin/python3")
`;
		await run(env.APPLYD_PYTHON ?? "", ["-c", facts, home]);
		const python = join(home, "bin/python3");
		expect(await told(python)).toContain(
			`${python} has no ensurepip, which a venv needs; on Debian and Ubuntu: apt install python3-venv`,
		);
	});
});
