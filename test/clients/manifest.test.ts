import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCommand, type ServerProcess } from "../support/process.ts";
import { optional } from "./optional.ts";
import { pythonClient } from "./python/client.ts";
import { KIT, KIT_AND_SHIM } from "./python/shim.ts";
import { run } from "./run.ts";
import { clientEnvironment, startServer } from "./server.ts";

const bin = await optional("the published algorithmia-adk", pythonClient);
const inFolder = (name: string) => resolve(import.meta.dirname, "python", name);

const AUTHOR = `import sys
from Algorithmia import ADK
def load(files):
    files["seen"] = "kept"
    return files
def apply(input, files):
    with open(files.get_model(input)) as file:
        return [file.read(), files["seen"], files.data()]
ADK(apply, load).init(sys.argv[1])
`;

describe.skipIf(bin === undefined)("the files of a model manifest", () => {
	let server: ServerProcess;
	let folder: string;
	let env: NodeJS.ProcessEnv;
	const python = join(String(bin), "python");
	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), "applyd-test-"));
		server = await startServer();
		env = clientEnvironment(server);
		await writeFile(join(folder, "author.py"), AUTHOR);
		await run(python, [inFolder("freeze.py")], { cwd: folder, env });
	});
	afterAll(async () => {
		await server.close();
		await rm(folder, { recursive: true, force: true });
	});

	/** The kits and clients that an author's script may meet. */
	const settings = (): Record<string, [string, string[], string?]> => ({
		"the published kit": [python, [inFolder("published_adk.py"), "author.py"]],
		"our kit, the published client": [python, ["author.py"], KIT],
		"our kit and client": ["python3", ["author.py"], KIT_AND_SHIM],
	});

	const answers = async (input: string) => {
		const all: Record<string, unknown> = {};
		for (const [name, [command, args, path]] of Object.entries(settings())) {
			const { stdout, stderr } = await runCommand(command, [...args, input], {
				cwd: folder,
				env: { ...env, ...(path !== undefined && { PYTHONPATH: path }) },
			});
			const [loaded, answer] = stdout.split("\n");
			expect([name, loaded, stderr]).toEqual([name, "loading complete", ""]);
			all[name] = JSON.parse(String(answer));
		}
		return all;
	};
	const inAll = (answer: unknown) =>
		Object.fromEntries(Object.keys(settings()).map((name) => [name, answer]));
	const content = (text: string) =>
		inAll({
			result: [text, "kept", { seen: "kept" }],
			metadata: { content_type: "json" },
		});
	const failure = (error_type: string, message: RegExp) =>
		inAll({
			error: expect.objectContaining({
				error_type,
				message: expect.stringMatching(message),
			}),
		});
	const put = (name: string, text: string) =>
		run(
			python,
			[
				"-c",
				`import Algorithmia; Algorithmia.client().file("data://.my/models/${name}").put("${text}")`,
			],
			{ env },
		);

	test.each(["weights", "labels", "extra"])(
		"%s: is fetched, required or optional",
		async (name) => {
			expect(await answers(name)).toEqual(content(`${name} as frozen`));
		},
	);

	test("a name that is not in it fails the call", async () => {
		expect(await answers("other")).toEqual(failure("AlgorithmError", /other/));
	});

	test("a file may change where the manifest does not forbid it", async () => {
		await put("labels", "new labels");
		expect(await answers("labels")).toEqual(content("new labels"));
	});

	test("one that must not change fails the load when it did", async () => {
		await put("weights", "new weights");
		expect(await answers("labels")).toEqual(failure("LoadingError", /weights/));
	});

	test("without a frozen manifest, the other one counts", async () => {
		await rm(join(folder, "model_manifest.json.freeze"));
		const { "our kit and client": ours } = await answers("extra");
		expect(ours).toMatchObject({ result: ["extra as frozen", "kept", {}] });
	});

	/** The published kit ends with a stack before it prints anything. */
	test("an edited frozen manifest fails the load", async () => {
		await run(python, [inFolder("freeze.py")], { cwd: folder, env });
		const path = join(folder, "model_manifest.json.freeze");
		const text = await readFile(path, "utf8");
		await writeFile(path, text.replace("models/extra", "models/other"));
		const { stdout } = await runCommand("python3", ["author.py", "labels"], {
			cwd: folder,
			env: { ...env, PYTHONPATH: KIT_AND_SHIM },
		});
		expect(stdout).toContain("model_manifest.json.freeze was edited");
		expect(stdout).toContain("LoadingError");
	});
});
