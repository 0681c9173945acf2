import { cp, mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { EXAMPLES } from "../support/app.ts";
import { applyd } from "../support/process.ts";

let cwd: string;
beforeEach(async () => {
	cwd = await mkdtemp(join(tmpdir(), "applyd-test-"));
	await mkdir(join(cwd, "algorithms"));
	for (const name of ["util", "docs", "demo"])
		await cp(join(EXAMPLES, name), join(cwd, "algorithms", name), {
			recursive: true,
		});
});

const write = async (path: string, text: string) => {
	const file = join(cwd, "algorithms", path);
	await mkdir(join(file, ".."), { recursive: true });
	await writeFile(file, text);
};

describe("run", () => {
	test.each([
		[["docs/JavaAddOne", "41"], "42\n"],
		[["docs/JavaAddOne/1.x", "1.5"], "2.5\n"],
		[["algo://demo/Hello", '"you"'], "Hello you\n"],
		[["util/Echo", '{"a":1.0}'], '{"a":1.0}\n'],
		[["util/Echo", "--text", "plain"], "plain\n"],
	])("%j prints the bare result", async (args, stdout) => {
		expect(await applyd(["run", ...args], { cwd })).toEqual({
			code: 0,
			stdout,
			stderr: "",
		});
	});

	test.each(["nlp/SentimentAnalysisBatch", "nlp/SentimentAnalysisClient"])(
		"%s calls another algorithm, though there is no server",
		async (ref) => {
			const args = ["run", ref, '["I love it"]', "--algorithms", EXAMPLES];
			expect(await applyd(args, { cwd })).toEqual({
				code: 0,
				stdout: "[0.6]\n",
				stderr: "",
			});
		},
	);

	test("takes its input from a file, and from stdin", async () => {
		await writeFile(join(cwd, "input.json"), "1");
		expect(
			(
				await applyd(["run", "docs/JavaAddOne", "--input", "input.json"], {
					cwd,
				})
			).stdout,
		).toBe("2\n");
		expect(
			(
				await applyd(["run", "docs/JavaAddOne", "--input", "-"], {
					cwd,
					stdin: "5",
				})
			).stdout,
		).toBe("6\n");
	});

	test("shows on stderr what the algorithm prints", async () => {
		await write(
			"me/Talks/1.0.0/index.mjs",
			'export const apply = () => { console.log("hear me"); return 1; };\n',
		);
		expect(await applyd(["run", "me/Talks"], { cwd })).toEqual({
			code: 0,
			stdout: "1\n",
			stderr: "hear me\n",
		});
	});

	test("prints bytes as bytes", async () => {
		const { stdout } = await applyd(
			["run", "docs/JavaBinaryInAndOut", "--binary", "--input", "-"],
			{ cwd, stdin: "bytes" },
		);
		expect(stdout).toBe("bytes");
	});

	test("prints an error on stderr, exit 1", async () => {
		const { code, stdout, stderr } = await applyd(
			["run", "docs/JavaAddOne", '"x"'],
			{ cwd },
		);
		expect([code, stdout]).toEqual([1, ""]);
		expect(stderr).toContain("input must be number");
		expect((await applyd(["run", "no/Such", "1"], { cwd })).stderr).toBe(
			"algorithm algo://no/Such not found\n",
		);
	});

	test("--lines maps lines to outcomes in order, and a bad one costs one", async () => {
		const lines = Array.from({ length: 200 }, (_, i) =>
			i === 100 ? "{" : String(i),
		);
		const { code, stdout } = await applyd(
			["run", "docs/JavaAddOne", "--lines"],
			{ cwd, stdin: `${lines.join("\n")}\n` },
		);
		const outcomes = stdout
			.trimEnd()
			.split("\n")
			.map((line) => JSON.parse(line));
		expect(outcomes).toHaveLength(200);
		for (const [i, outcome] of outcomes.entries()) {
			if (i === 100)
				expect(outcome).toMatchObject({
					index: 100,
					error: { error_type: "ParsingError" },
				});
			else expect(outcome).toEqual({ index: i, result: i + 1 });
		}
		expect(code).toBe(1);
	});

	test.each([[[]], [["no-ref"]], [["docs/JavaAddOne", "1", "2"]]])(
		"%j is wrong usage, exit 2",
		async (args) => {
			expect((await applyd(["run", ...args], { cwd })).code).toBe(2);
		},
	);
});

describe("check", () => {
	test("says ok of each that runs its sample, exit 0", async () => {
		const { code, stdout } = await applyd(["check"], { cwd });
		expect(stdout).toMatch(
			/^ok +docs\/JavaAddOne\/1\.0\.0 +ran its sampleInput$/m,
		);
		expect(code).toBe(0);
	});

	test("says what is wrong and where, exit 1", async () => {
		await write(
			"bad/Syntax/1.0.0/index.mjs",
			"export const apply = (a) => {\n  return a +\n};\n",
		);
		await write("bad/Empty/1.0.0/readme.txt", "");
		await write("bad/Manifest/1.0.0/algorithm.json", '{"timeoutSecond": 1}');
		await write(
			"bad/Sample/1.0.0/index.mjs",
			"export const apply = () => { throw new Error('no good'); };",
		);
		await write("bad/Sample/1.0.0/algorithm.json", '{"sampleInput": 1}');
		await write("bad/Version/latest/index.mjs", "");
		const { code, stdout } = await applyd(["check"], { cwd });
		expect(stdout).toMatch(
			/broken +bad\/Syntax\/1\.0\.0 +index\.mjs:3: SyntaxError/,
		);
		expect(stdout).toMatch(/broken +bad\/Empty\/1\.0\.0 +no entry/);
		expect(stdout).toMatch(
			/broken +bad\/Manifest\/1\.0\.0 +algorithm\.json: unknown key "timeoutSecond"; did you mean "timeoutSeconds"/,
		);
		expect(stdout).toMatch(
			/broken +bad\/Sample\/1\.0\.0 +sampleInput: no good/,
		);
		expect(stdout).toMatch(
			/broken +.*bad\/Version\/latest +"latest" is no version/,
		);
		expect(stdout).toMatch(/^ok +demo\/Hello/m);
		expect(code).toBe(1);
	});

	test("checks only what is named", async () => {
		await write("bad/Empty/1.0.0/readme.txt", "");
		const { code, stdout } = await applyd(["check", "demo/Hello"], { cwd });
		expect(stdout.trimEnd().split("\n")).toHaveLength(2);
		expect(code).toBe(0);
		expect((await applyd(["check", "no/Such"], { cwd })).code).toBe(1);
	});
});

describe("init", () => {
	test.each(["typescript", "javascript", "python"])(
		"makes a %s algorithm that runs as it is",
		async (language) => {
			const made = await applyd(
				["init", "me/New", "--language", language, "--version", "1.2.3"],
				{ cwd },
			);
			expect(made.code).toBe(0);
			expect(made.stdout).toMatch(
				/^algorithms\/me\/New\/1\.2\.3\/index\.\w+\n$/,
			);
			expect((await applyd(["run", "me/New", '"world"'], { cwd })).stdout).toBe(
				'{"hello":"world"}\n',
			);
			expect((await applyd(["check", "me/New"], { cwd })).code).toBe(0);
		},
	);

	test("touches nothing that is there", async () => {
		const { code, stderr } = await applyd(
			["init", "demo/Hello", "--version", "0.1.1"],
			{ cwd },
		);
		expect([code, stderr]).toEqual([
			1,
			"applyd: algorithms/demo/Hello/0.1.1 is there already\n",
		]);
	});

	test.each([
		[["me/New", "--language", "cobol"]],
		[["me/a-b"]],
		[["me/New", "--version", "1"]],
		[[]],
	])("%j is wrong usage, exit 2", async (args) => {
		expect((await applyd(["init", ...args], { cwd })).code).toBe(2);
	});
});
