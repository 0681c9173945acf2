import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startApp, type TestServer } from "../support/app.ts";
import { until } from "../support/until.ts";

let server: TestServer;
let root: string;
let version: string;

beforeEach(async () => {
	root = await mkdtemp(join(tmpdir(), "applyd-test-"));
	version = join(root, "own", "Algo", "1.0.0");
	await write("'first'");
	server = await startApp({ algorithms: [root], watch: true });
});
afterEach(() => server.close());

const write = async (expression: string, folder = version) => {
	await mkdir(folder, { recursive: true });
	await writeFile(
		join(folder, "index.mjs"),
		`export const apply = async (input) => ${expression};\n`,
	);
};

const call = async (path: string, input: unknown = null) => {
	const response = await fetch(`${server.url}/v1/algo/${path}`, {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: JSON.stringify(input),
	});
	const { result, error } = (await response.json()) as {
		result: unknown;
		error?: { message: string };
	};
	return error ? `${response.status} ${error.message}` : result;
};

test("a saved change counts from the next call, every time", async () => {
	expect(await call("own/Algo")).toBe("first");
	for (let i = 0; i < 10; i++) {
		await write(`'change ${i}'`);
		expect(await call("own/Algo")).toBe(`change ${i}`);
	}
});

test("a running call finishes on the code it began with", async () => {
	await write(
		"new Promise((resolve) => setTimeout(() => resolve('old'), 800))",
	);
	const running = call("own/Algo");
	await until(
		"it runs",
		() =>
			server.engine.openCalls === 1 &&
			[...server.engine.active.values()].some(
				(runner) => runner.countLanes("busy") === 1,
			),
	);
	await write("'new'");
	expect(await call("own/Algo")).toBe("new");
	expect(await running).toBe("old");
	await until(
		"the old worker is gone",
		() =>
			[...server.engine.active.values()].reduce(
				(sum, { workers }) => sum + workers,
				0,
			) === 1,
	);
});

test("a broken file is its callers' LoadingError naming file and line, and mending it is enough", async () => {
	await writeFile(
		join(version, "index.mjs"),
		"export const apply = (input) => {\n  return input +\n};\n",
	);
	expect(await call("own/Algo")).toMatch(/^200 index\.mjs:3: SyntaxError/);
	await write("'mended'");
	expect(await call("own/Algo")).toBe("mended");
});

test("a file that is imported counts too, in a folder made later", async () => {
	await mkdir(join(version, "lib"));
	await writeFile(join(version, "lib", "text.mjs"), "export default 'a';\n");
	await writeFile(
		join(version, "index.mjs"),
		"import text from './lib/text.mjs';\nexport const apply = () => text;\n",
	);
	expect(await call("own/Algo")).toBe("a");
	await writeFile(join(version, "lib", "text.mjs"), "export default 'b';\n");
	expect(await call("own/Algo")).toBe("b");
});

test("a new version, a new algorithm and a new owner are there at the next call", async () => {
	await write("'newer'", join(root, "own", "Algo", "1.0.1"));
	expect(await call("own/Algo")).toBe("newer");
	expect(await call("own/Algo/1.0.0")).toBe("first");
	await write("'other'", join(root, "own", "Other", "1.0.0"));
	expect(await call("own/Other")).toBe("other");
	await write("'stranger'", join(root, "stranger", "Algo", "1.0.0"));
	expect(await call("stranger/Algo")).toBe("stranger");
});

test("a folder that is removed is not found at the next call, and may come back", async () => {
	await rm(version, { recursive: true });
	expect(await call("own/Algo")).toBe(
		"404 algorithm algo://own/Algo not found",
	);
	await write("'back'");
	expect(await call("own/Algo")).toBe("back");
});

test("a folder moved into place at once is whole", async () => {
	const aside = await mkdtemp(join(tmpdir(), "applyd-test-"));
	await write("'moved'", join(aside, "2.0.0"));
	await rename(join(aside, "2.0.0"), join(root, "own", "Algo", "2.0.0"));
	expect(await call("own/Algo")).toBe("moved");
});

test("a manifest that is broken is told to callers, and to nobody else's", async () => {
	await write("'other'", join(root, "own", "Other", "1.0.0"));
	await writeFile(join(version, "algorithm.json"), '{"memoryMB": 64}');
	expect(await call("own/Algo")).toMatch(
		/^200 algorithm\.json: unknown key "memoryMB"; did you mean "memoryMb"\?/,
	);
	expect(await call("own/Other")).toBe("other");
	await writeFile(join(version, "algorithm.json"), '{"memoryMb": 64}');
	expect(await call("own/Algo")).toBe("first");
});
