import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
	missingPackages,
	pythonNeeds,
} from "../../../src/registry/dependencies.ts";
import { projectDependencies } from "../../../src/registry/pyproject.ts";
import { makeRoot, type Tree, write } from "./support.ts";

const digestOf = async (root: string) => (await pythonNeeds(root))?.digest;

describe("what a folder declares for Python", () => {
	it.each<[string, Tree, string[] | undefined]>([
		["nothing", {}, undefined],
		[
			"a requirements.txt",
			{ "requirements.txt": "six" },
			["-r", "requirements.txt"],
		],
		["one of comments", { "requirements.txt": "# six\n\n" }, undefined],
		[
			"a pyproject.toml",
			{ "pyproject.toml": "[project]\ndependencies = ['six']" },
			["--", "six"],
		],
		[
			"one without dependencies",
			{ "pyproject.toml": "[tool.ruff]\n" },
			undefined,
		],
		[
			"both: the first wins",
			{
				"requirements.txt": "a",
				"pyproject.toml": "[project]\ndependencies = ['b']",
			},
			["-r", "requirements.txt"],
		],
	])("%s", async (_, tree, packages) => {
		expect((await pythonNeeds(await makeRoot(tree)))?.packages).toEqual(
			packages,
		);
	});

	it("has changed when a file that it includes has", async () => {
		const root = await makeRoot({
			"requirements.txt":
				"-r more/base.txt\n-c limits.txt\n-r requirements.txt\n-r none.txt\n",
			"more/base.txt": "--requirement=deep.txt\n",
		});
		const seen = new Set([await digestOf(root)]);
		for (const path of ["more/deep.txt", "limits.txt", "none.txt"]) {
			await write(root, { [path]: "six\n" });
			seen.add(await digestOf(root));
		}
		await write(root, { "other.txt": "six\n" });
		seen.add(await digestOf(root));
		expect(seen.size).toBe(4);
	});

	it("has not when other parts of a pyproject.toml have", async () => {
		const project = "[project]\nversion = '1'\ndependencies = ['six']\n";
		const root = await makeRoot({ "pyproject.toml": project });
		const before = await digestOf(root);
		await write(root, {
			"pyproject.toml": project.replace("1", "2").concat("[tool.ruff]\n"),
		});
		expect(await digestOf(root)).toBe(before);
	});

	it("that cannot be read is the version's fault, naming the file", async () => {
		const root = await makeRoot({
			"a/pyproject.toml": "[project]\ndependencies = 'six'\n",
			"b/requirements.txt/x": "",
		});
		expect(await missingPackages(join(root, "a"), "o/N/1.0.0")).toBe(
			'pyproject.toml: dependencies of [project] cannot be read; write them as a list of strings: dependencies = ["NAME>=1"]',
		);
		expect(await missingPackages(join(root, "b"), "o/N/1.0.0")).toMatch(
			/^requirements\.txt cannot be read: EISDIR/,
		);
	});
});

describe("dependencies of [project]", () => {
	it.each<[string, string[]]>([
		["", []],
		["[project]\nname = 'x'\n", []],
		["[project]\ndependencies = []\n", []],
		["[project]\r\ndependencies = ['a']\r\n", ["a"]],
		[
			'  [ project ] # x\nname="n"\ndependencies=[ # ]\n "a[b]>=1", # "c"\n\'d; x < "3"\',\n"e; x < \\"3\\"" ]\n[tool]',
			["a[b]>=1", 'd; x < "3"', 'e; x < "3"'],
		],
		["[project]\n[project.optional-dependencies]\ndependencies = ['a']\n", []],
		["[tool.x]\ndependencies = ['a']\n[project]\nname = 'x'", []],
		["[project.scripts]\ndependencies = 'a'\n", []],
		["[project]\nclassifiers = [\n  'x',\n]\n\"dependencies\" = ['a']", ["a"]],
	])("of %j are %j", (toml, expected) => {
		expect(projectDependencies(toml)).toEqual(expected);
	});

	it.each(["'a'", '["""a"""]', "[\n'a'", '["a]'])("cannot be %s", (value) => {
		expect(() =>
			projectDependencies(`[project]\ndependencies = ${value}\n`),
		).toThrow(/cannot be read/);
	});
});
