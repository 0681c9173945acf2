import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { madeOnce } from "../made-once.ts";
import { observe, run, type Seen } from "../run.ts";

const REQUIREMENTS = resolve(import.meta.dirname, "requirements.txt");

/**
 * The published Python client in an environment of its own.
 * @param requirements a file that names what else is to be there
 * @returns the folder of its commands: `python`, `pip`, `algo`
 */
export async function pythonClient(
	requirements = REQUIREMENTS,
): Promise<string> {
	const versions = createHash("sha256")
		.update(await run("python3", ["--version"]))
		.update(await readFile(requirements))
		.digest("hex");
	const environment = await madeOnce(
		`python-${versions.slice(0, 16)}`,
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
