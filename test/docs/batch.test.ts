import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { optional } from "../clients/optional.ts";
import { pythonClient } from "../clients/python/client.ts";
import { EXAMPLES } from "../support/app.ts";
import { blocksOf, examplesOf, readDocument } from "../support/document.ts";
import {
	BIN,
	runCommand,
	type ServerProcess,
	startProcess,
} from "../support/process.ts";

const guide = await readDocument("docs/batch.md");
const blocks = blocksOf(guide);
const examples = blocks
	.filter(({ language }) => language === "console")
	.flatMap(examplesOf);
const python = await optional("what the guide says of Python", pythonClient);

const inPython = blocks.flatMap(({ language, file = "" }) =>
	language === "python"
		? [file.replace(/^algorithms\/|\/1\.0\.0\/.*$/g, "")]
		: [],
);
const isThere = (command: string) =>
	python !== undefined ||
	!new RegExp(`(${inPython.join("|")}|\\.lengths)\\b`).test(command);

/** What the guide calls a command, and where the test has it. */
const COMMANDS = `
curl() { command curl -sS "$@"; }
npx() { shift; "${process.execPath}" "${BIN}" "$@"; }
`;

describe("every example of docs/batch.md, in order", () => {
	let server: ServerProcess;
	let folder: string;
	let environment: NodeJS.ProcessEnv;
	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), "applyd-batch-"));
		for (const { file, text } of blocks) {
			if (file === undefined) continue;
			await mkdir(dirname(join(folder, file)), { recursive: true });
			await writeFile(join(folder, file), text);
		}
		const algorithms = [EXAMPLES, join(folder, "algorithms")].join(":");
		server = await startProcess(["--algorithms", algorithms]);
		environment = {
			...process.env,
			PATH: [python, process.env.PATH].filter(Boolean).join(delimiter),
			APPLYD_ALGORITHMS: algorithms,
		};
	});
	afterAll(async () => {
		await server.close();
		await rm(folder, { recursive: true, force: true });
	});

	/** The server's address is the only thing that is not as it is shown. */
	const here = (text: string) =>
		text.replaceAll("localhost:8080", server.url.replace("http://", ""));

	/** As in one terminal: what one command exports, the next one has. */
	const type = async (command: string) => {
		const variables = join(folder, "exported");
		const script = `${COMMANDS}[ -f "${variables}" ] && . "${variables}"
			${here(command)}
			code=$?; export -p > "${variables}"; exit $code`;
		const { code, stdout, stderr } = await runCommand(
			"bash",
			["--norc", "-c", `{ ${script}\n} 2>&1`],
			{ cwd: folder, env: environment },
		);
		expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: "" });
		return stdout.trimEnd();
	};

	test("there are some", () => {
		expect(examples.length).toBeGreaterThan(20);
		expect(inPython.length).toBeGreaterThan(4);
	});

	test("the variables that it sets", async () => {
		const sh = blocks.filter(({ language }) => language === "sh");
		expect(sh).toHaveLength(1);
		for (const { text } of sh) await type(text);
	});

	for (const { command, output } of examples)
		test.skipIf(!isThere(command))(command, async () => {
			expect(await type(command)).toMatch(output);
		});
});
