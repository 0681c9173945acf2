import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { optional } from "../../../clients/optional.ts";
import { pythonClient } from "../../../clients/python/client.ts";
import { KIT } from "../../../clients/python/shim.ts";
import { run } from "../../../clients/run.ts";
import { type CommandResult, runCommand } from "../../../support/process.ts";

const PUBLISHED = resolve(
	import.meta.dirname,
	"../../../clients/python/published_adk.py",
);
const bin = await optional("the published algorithmia-adk", pythonClient);

let folder: string;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "applyd-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const write = (name: string, content: string) =>
	writeFile(join(folder, name), content);

/** Runs Python in the folder, with our kit before any installed one, as in a worker. */
const python = (
	args: string[],
	stdin = "",
	command = "python3",
): Promise<CommandResult> =>
	runCommand(command, args, {
		cwd: folder,
		stdin,
		env: { ...process.env, PYTHONPATH: KIT },
	});

const lines = ({ code, stdout, stderr }: CommandResult): string[] => {
	expect([code, stderr]).toEqual([0, ""]);
	return stdout.trimEnd().split("\n");
};

/** What an author's script answers, line by line, after what it prints while loading. */
const answers = (printed: string[]) =>
	printed.slice(printed.indexOf("loading complete") + 1).map((line) => {
		const answer = JSON.parse(line);
		if (answer.error) answer.error.stacktrace = ownFrames(answer.error);
		return answer;
	});

/** The frames of the author's code and what was raised, without the frames of the kits. */
const ownFrames = ({ stacktrace }: { stacktrace: string }) =>
	stacktrace
		.split("\n")
		.map((line) => line.trim())
		.filter((line) => line.includes(folder) || /^(\w+: |The above)/.test(line));

const LOADED = `
def load(): return {"n": 2}
def apply(input, state): return [input, state]
`;
const MISBEHAVED = `
class AlgorithmError(Exception):
    def __init__(self, message, error_type):
        super().__init__(message)
        self.error_type = error_type
def apply(input):
    if input == "typed": raise AlgorithmError("no more", "QuotaError")
    if input == "caused":
        try: {}["a"]
        except KeyError as error: raise ValueError("no a") from error
    if input == "set": return {1}
    if input == "list": return [1, None, 1.5, "ü"]
    if input == "bytes": return bytearray([0, 255])
    return input.missing
`;
const LINES = `{"content_type":"json","data":[1,1.0,null]}
{"content_type":"text","data":"ü"}
{"content_type":"binary","data":"AP8="}
`;

describe.skipIf(bin === undefined)(
	"a script answers as under the published kit 1.2.4",
	() => {
		test.each([
			["text", "def apply(input): return 'Hello ' + input", `"ü"`],
			["JSON", "def apply(input): return input", `{"a": [1, 1.0, None]}`],
			["nothing", "def apply(input): return None", "1"],
			["bytes", "def apply(input): return input", `b"\\x00\\xff"`],
			["an input that is false", "def apply(input): return input", "0"],
			["what was loaded", LOADED, `"x"`],
			[
				"nothing loaded",
				"def load(): return {}\ndef apply(input, state=5): return state",
				"1",
			],
			[
				"one argument beside a load",
				"def load(): return 5\ndef apply(input): return input",
				"1",
			],
			[
				"any number of arguments",
				"def load(): return 5\ndef apply(*all): return list(all)",
				"1",
			],
			["a failure", MISBEHAVED, `"x"`],
			["a failure with a type", MISBEHAVED, `"typed"`],
			["a failure with a cause", MISBEHAVED, `"caused"`],
			["a list", MISBEHAVED, `"list"`],
			["a bytearray", MISBEHAVED, `"bytes"`],
			["the lines of stdin", "def apply(input): return str(input)", ""],
			["the lines of stdin, and a load", LOADED.replace("[input", "[1"), ""],
		])("%s", async (name, functions, payload) => {
			const file = join(folder, `${name.replaceAll(/\W/g, "_")}.py`);
			await writeFile(
				file,
				`import sys
from Algorithmia import ADK
${functions}
ADK(apply, globals().get("load")).init(${payload})
`,
			);
			const interpreter = join(String(bin), "python");
			const published = await runCommand(interpreter, [PUBLISHED, file], {
				cwd: folder,
				stdin: LINES,
			});
			const ours = await python([file], LINES, interpreter);
			expect(answers(lines(ours))).toEqual(answers(lines(published)));
		});

		test("what is no JSON is an error of the same words", async () => {
			await write(
				"set.py",
				`from adk import ADK\n${MISBEHAVED}\nADK(apply).init("set")`,
			);
			const interpreter = join(String(bin), "python");
			const published = await run(interpreter, [PUBLISHED, "set.py"], {
				cwd: folder,
			});
			const [ours] = answers(lines(await python(["set.py"], "", interpreter)));
			const [theirs] = answers(published.trimEnd().split("\n"));
			expect(ours.error.message).toBe(theirs.error.message);
			expect(ours.error.error_type).toBe("AlgorithmError");
		});
	},
);

/** Runs a script that needs nothing but our kit. @returns what it printed, by line */
const local = async (script: string, stdin = "") => {
	await write("local.py", `from adk import ADK\n${script}`);
	return lines(await python(["local.py"], stdin));
};

describe("run by hand", () => {
	test("a failure of apply is told with message, type and the author's own stack", async () => {
		const [, printed] = await local(
			`def apply(input):\n    raise ValueError("no")\nADK(apply).init(1)`,
		);
		expect(JSON.parse(String(printed))).toEqual({
			error: {
				message: "no",
				error_type: "AlgorithmError",
				stacktrace: expect.stringMatching(
					/^Traceback \(most recent call last\):\n {2}File ".*local\.py", line 3, in apply\n(.*\n)+ValueError: no\n$/,
				),
			},
		});
	});

	test("a failed load is told once, and apply does not run", async () => {
		const printed = await local(
			`def load(): raise OSError("no model")\ndef apply(input, state=None): return input\nADK(apply, load).init(1)`,
		);
		expect(printed).toHaveLength(2);
		expect(JSON.parse(String(printed[1])).error).toMatchObject({
			message: "no model",
			error_type: "LoadingError",
		});
	});

	test("pprint gets the answer instead of stdout", async () => {
		const printed = await local(
			`told = []\nADK(lambda input: input).init(5, pprint=told.append)\nprint(len(told))`,
		);
		expect(printed).toEqual(["loading complete", "1"]);
	});

	test("needs no client where there is no manifest", async () => {
		const printed = await local(
			`import sys\nADK(lambda input: input).init(5)\nprint("Algorithmia" in sys.modules)`,
		);
		expect(printed.at(-1)).toBe("False");
	});
});

describe("what cannot be called is refused when it is given", () => {
	test.each([
		["apply()", "lambda: 1, None"],
		["apply(a, b, c)", "lambda a, b, c: 1, lambda: 1"],
		["apply(a, b) without a load", "lambda a, b: 1, None"],
		["load(a, b)", "lambda a: 1, lambda a, b: 1"],
		["load(*, a)", "lambda a: 1, lambda *, a: 1"],
		["5", "5, None"],
	])("%s", async (_, functions) => {
		const [printed] = await local(
			`try: ADK(${functions})\nexcept TypeError as error: print(error)`,
		);
		expect(printed).toMatch(/this one is|not a callable/);
	});
});

/** Does what a worker does, in its order. */
const WORKER = `
import adk, json, sys
adk.enter_worker()
import author
algorithm = adk.registered() or adk.ADK(author.apply, getattr(author, "load", None))
algorithm.load()
print(json.dumps([algorithm.apply(input) for input in json.loads(sys.argv[1])]))
`;
const work = async (author: string, ...inputs: unknown[]) => {
	await write("author.py", `from adk import ADK\n${author}`);
	return python(["-c", WORKER, JSON.stringify(inputs)]);
};

describe("in a worker", () => {
	const answersOf = async (author: string, ...inputs: unknown[]) =>
		JSON.parse(String(lines(await work(author, ...inputs)).at(-1)));

	test("init registers, and neither runs nor prints nor reads", async () => {
		const author = `${LOADED}\nADK(apply, load).init("sample")\nADK(apply, load).init()`;
		expect(await answersOf(author, 1, "a")).toEqual([
			[1, { n: 2 }],
			["a", { n: 2 }],
		]);
	});

	test("the first init counts", async () => {
		const author = `ADK(lambda input: "first").init()\nADK(lambda input: "second").init()`;
		expect(await answersOf(author, 1)).toEqual(["first"]);
	});

	test("bare functions are called by the same rule", async () => {
		expect(await answersOf(LOADED, 1)).toEqual([[1, { n: 2 }]]);
	});

	test("methods are called without counting self", async () => {
		const author = `class Doubler:
    def load(self): return 2
    def apply(self, input, factor): return input * factor
doubler = Doubler()
ADK(doubler.apply, doubler.load).init(1)`;
		expect(await answersOf(author, 4)).toEqual([8]);
	});

	test.each([
		["0", 0],
		["{}", {}],
		["None", null],
	])("%s is passed on to an apply that asks for it", async (source, loaded) => {
		const author = `def load(): return ${source}\ndef apply(input, loaded): return [loaded]`;
		expect(await answersOf(author, 1)).toEqual([[loaded]]);
	});

	test("what is loaded may refuse to be true or false, as arrays and tables do", async () => {
		const author = `class Table:
    def __bool__(self): raise ValueError("ambiguous")
def load(): return Table()
def apply(input, table): return type(table).__name__`;
		expect(await answersOf(author, 1)).toEqual(["Table"]);
	});

	test("a failing load raises", async () => {
		const { stderr } = await work(
			`def load(): raise OSError("no model")\ndef apply(input): return 1\nADK(apply, load).init(1)`,
		);
		expect(stderr).toMatch(/OSError: no model\n$/);
	});

	test("mlops is told to be missing", async () => {
		const { code, stderr } = await work(
			`ADK(lambda input: 1).init(1, mlops=True)`,
			1,
		);
		expect([code, stderr]).toEqual([
			0,
			expect.stringContaining("author.py:2: UserWarning: init(mlops=True)"),
		]);
	});
});
