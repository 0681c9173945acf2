import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { blocksOf, examplesOf, readDocument } from "../support/document.ts";
import type { ServerProcess } from "../support/process.ts";
import { javaClient } from "./java/client.ts";
import { optional } from "./optional.ts";
import { pythonClient } from "./python/client.ts";
import { run } from "./run.ts";
import { startServer } from "./server.ts";

const guide = await readDocument("docs/migrating.md");
const blocks = blocksOf(guide);
const examples = blocks
	.filter(({ language }) => language === "console")
	.flatMap(examplesOf);
const python = await optional("what the guide says of Python", pythonClient);
const java = await optional("what the guide says of Java", javaClient);

const path = [python, dirname(process.execPath), process.env.PATH]
	.filter(Boolean)
	.join(delimiter);

const isThere = (command: string) => {
	if (/^(pip|python|algo) /.test(command)) return python !== undefined;
	return java !== undefined || !command.startsWith("java ");
};

describe("every command of docs/migrating.md, in order", () => {
	let server: ServerProcess;
	let folder: string;
	let variables: string;
	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), "applyd-migrating-"));
		server = await startServer();
		const here = (text: string) =>
			text.replaceAll("http://localhost:8080", server.url);
		for (const { language, file, text } of blocks) {
			if (language === "sh") variables = here(text);
			if (file === undefined) continue;
			await mkdir(dirname(join(folder, file)), { recursive: true });
			await writeFile(join(folder, file), here(text));
		}
		if (java !== undefined)
			await cp(java, join(folder, "lib"), { recursive: true });
	});
	afterAll(async () => {
		await server.close();
		await rm(folder, { recursive: true, force: true });
	});

	test("there are some", () => {
		expect(examples.length).toBeGreaterThan(10);
	});

	for (const { command, output } of examples)
		test.skipIf(!isThere(command))(command, async () => {
			const here = command
				.replace(/^curl/, "curl -sS")
				.replace(/^algo/, 'HOME="$PWD" algo');
			const printed = await run(
				"bash",
				["--norc", "-c", `${variables}\n${here}`],
				{
					cwd: folder,
					env: { ...process.env, PATH: path },
				},
			);
			expect(printed.trimEnd()).toMatch(output);
		});
});

test("the Java dependencies that it names are those that are tested", async () => {
	const pom = await readFile(
		resolve(import.meta.dirname, "java/pom.xml"),
		"utf8",
	);
	const flat = (xml: string) => xml.replace(/\s+/g, "");
	const named = blocks.find(({ language }) => language === "xml");
	expect(flat(pom)).toContain(flat(named?.text ?? "nothing"));
});
