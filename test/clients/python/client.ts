import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { madeOnce } from "../made-once.ts";
import { observe, run, type Seen } from "../run.ts";

/**
 * The published Python client in an environment of its own.
 * @returns the folder of its commands: `python`, `pip`, `algo`
 */
export const pythonClient = (): Promise<string> =>
	pythonEnvironment("python", resolve(import.meta.dirname, "requirements.txt"));

/**
 * Python packages in an environment of their own.
 * @param requirements a file
 * @returns the folder of its commands
 */
export async function pythonEnvironment(
	name: string,
	requirements: string,
): Promise<string> {
	const versions = createHash("sha256")
		.update(await run("python3", ["--version"]))
		.update(await readFile(requirements))
		.digest("hex");
	const environment = await madeOnce(
		`${name}-${versions.slice(0, 16)}`,
		async (folder) => {
			await run("python3", ["-m", "venv", folder]);
			await run(join(folder, "bin/pip"), [
				"install",
				"--quiet",
				"--requirement",
				requirements,
			]);
		},
	);
	return join(environment, "bin");
}

/** Runs a script of this folder. */
export const observePython = (
	bin: string,
	name: string,
	env: NodeJS.ProcessEnv,
): Promise<Seen> =>
	observe(join(bin, "python"), [resolve(import.meta.dirname, name)], env);
