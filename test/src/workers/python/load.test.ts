import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { shareServer } from "../../../server/support.ts";
import { startApp } from "../../../support/app.ts";
import { PYTHON_FIXTURES } from "../../../support/languages.ts";
import { post } from "../../runners/support.ts";

const server = shareServer({ algorithms: [PYTHON_FIXTURES] });

const call = async (path: string, input: unknown) => {
	const { body } = await server.post(`/v1/algo/${path}`, JSON.stringify(input));
	return body;
};

const result = async (path: string, input: unknown) => {
	const { error, result } = await call(path, input);
	expect(error).toBeUndefined();
	return result;
};

describe("a Python module", () => {
	it("has its load run once, and apply gets what that returned", async () => {
		const loaded = { input: 1, words: 3, same: true };
		expect(await result("forms/Loaded", 1)).toEqual(loaded);
		expect(await result("forms/Loaded", 1)).toEqual(loaded);
	});

	it("that may be forked is loaded before its workers are copied", async () => {
		const loaded = { input: 1, words: 3, same: false };
		expect(await result("forms/Forked", 1)).toEqual(loaded);
	});

	it.each([
		["Unused", "with a default of its own", "ab", "abab"],
		["Legacy", "of the original platform's src/NAME.py", 1, [7, 7, 1]],
		["Beside", "with modules beside it", null, 8],
		["Batch", "with apply_batch alone, by a batch of one", 4, 8],
		["ListOrOne", "that takes one input", "four", 4],
		["ListOrOne", "that takes a list by itself", ["a", "bc"], [1, 2]],
		["Callable", "whose apply is an object", "x", "called with x"],
		["Async", "with coroutines", "x", ["x", "loaded later"]],
	])("(%s) %s is run", async (name, _, input, expected) => {
		expect(await result(`forms/${name}`, input)).toEqual(expected);
	});

	it("whose apply_batch answers with the wrong number is told so", async () => {
		const { error } = await call("forms/Batch", 0);
		expect(error).toMatchObject({
			message: "apply_batch answered 2 results for 1 input",
			error_type: "AlgorithmError",
		});
	});

	it("is run in its folder, and sees nothing of the server", async () => {
		process.env.AWS_SECRET_ACCESS_KEY = "secret";
		process.env.DATABASE_URL = "secret";
		try {
			const world = (await result("forms/World", null)) as {
				names: string[];
				cwd: string;
			};
			expect(world).toMatchObject({ stdin: "", ours: [], main: true });
			expect(world.cwd).toMatch(/forms\/World\/1\.0\.0$/);
			expect(world.names).not.toContain("AWS_SECRET_ACCESS_KEY");
			expect(world.names).not.toContain("DATABASE_URL");
			expect(world.names).toContain("ALGORITHMIA_API");
			expect(world.names.filter((name) => /^APPLYD/.test(name))).toEqual([]);
		} finally {
			delete process.env.AWS_SECRET_ACCESS_KEY;
			delete process.env.DATABASE_URL;
		}
	});

	it("has all that it prints in stdout, in order, whoever prints it", async () => {
		const body = await call("forms/Children?stdout=true", {
			methods: ["fork", "spawn"],
		});
		expect(body.result).toBe("printed");
		expect(body.metadata.stdout).toBe(
			"print\nWARNING:root:logging\nwrite\ndescriptor\necho\nfork\nspawn\nputs\nno end of line",
		);
		const next = await call("forms/Children?stdout=true", { methods: [] });
		expect(next.metadata.stdout).toMatch(/^print\n/);
	});
});

it("what a version prints before it is forked is for its first call", async () => {
	const path = "forms/ForkedPrints?stdout=true";
	const first = await call(path, 1);
	const second = await call(path, 1);
	expect(first.metadata.stdout).toBe("importing\nloading\napplying\n");
	expect(second.metadata.stdout).toBe("applying\n");
});

describe("a Python version that cannot be loaded", () => {
	it.each([
		["BadSyntax/1.0.0", "index.py:5: SyntaxError: "],
		["BadSyntax/1.0.1", "lib/words.py:1: SyntaxError: "],
		["ThrowsAtImport", "index.py:8: TypeError: "],
		[
			"MissingDependency",
			"index.py:1: ModuleNotFoundError: No module named 'a_package_that_nobody_installed'; name it in requirements.txt and run: applyd install wire/MissingDependency/1.0.0",
		],
		["NoApply/1.0.0", "index.py has no apply"],
		[
			"NoApply/2.0.0",
			"index.py: apply takes the input, and where there is a load, as a second argument what that returned; this one is apply(input, loaded, more)",
		],
		["NoApply/3.0.0", "this one is apply(input, loaded)"],
		["ThrowsInLoad", "load() failed: no model today"],
	])("(%s) is a LoadingError that says why: %s", async (path, why) => {
		const { status, body } = await server.call(path, 1);
		expect(status).toBe(200);
		expect(body.error.error_type).toBe("LoadingError");
		expect(body.error.message).toContain(why);
	});

	it.each([
		["ThrowsAtImport", 'ThrowsAtImport/1.0.0/index.py", line 8'],
		["ThrowsInLoad", 'ThrowsInLoad/1.0.0/index.py", line 2'],
	])(
		"(%s) has the author's traceback and no frame of ours",
		async (path, frame) => {
			const { error } = await call(`wire/${path}`, 1);
			expect(error.stacktrace).toContain(frame);
			expect(error.stacktrace).not.toMatch(/applyd_worker|importlib/);
		},
	);

	it("because it exits says with which code", async () => {
		const { error } = await call("wire/ExitsAtImport", 1);
		expect(error.error_type).toBe("SystemExit");
		expect(error.message).toContain("exited with code 3");
	});
});

test("an interpreter that cannot run a worker has its own words in the LoadingError", async () => {
	const folder = await mkdtemp(join(tmpdir(), "applyd-test-"));
	const interpreter = join(folder, "python");
	const script = "#!/bin/sh\necho too old for this >&2\nexit 1\n";
	await writeFile(interpreter, script, { mode: 0o755 });
	process.env.APPLYD_PYTHON = interpreter;
	const other = await startApp({ algorithms: [PYTHON_FIXTURES] });
	try {
		const { error } = await post(other, "wire/Echo", 1);
		expect(error).toMatchObject({
			error_type: "LoadingError",
			message: "too old for this",
		});
	} finally {
		delete process.env.APPLYD_PYTHON;
		await other.close();
		await rm(folder, { recursive: true });
	}
});

describe("what a Python algorithm raises", () => {
	it.each([
		["empty", "KeyError", "AlgorithmError"],
		["memory", "MemoryError", "OutOfMemoryError"],
		["interrupt", "KeyboardInterrupt", "AlgorithmError"],
	])("(%s) has the message %s", async (what, message, error_type) => {
		const { error } = await call("wire/Throws", { what });
		expect(error).toMatchObject({ message, error_type });
	});

	it("with a cause has that one's traceback too", async () => {
		const { error } = await call("wire/Throws", { what: "chain" });
		expect(error.stacktrace).toMatch(
			/Typed: no more[\s\S]*direct cause[\s\S]*ValueError: because of it/,
		);
	});
});
