import { createHash } from "node:crypto";
import { join } from "node:path";
import { madeOnce } from "../../clients/made-once.ts";
import { spawnChild } from "../children.ts";
import { LeftOut, orLeftOut } from "../left-out.ts";
import { REPOSITORY } from "./places.ts";

const CACHE = join(REPOSITORY, "node_modules/.cache/applyd");

/** Of the Python that runs us and the peers. @throws LeftOut there is none */
export const pythonVersion = (): Promise<string> =>
	spawnChild("python3", ["--version"])
		.output()
		.then(
			(line) => line.trim(),
			() => {
				throw new LeftOut("there is no python3 on the PATH");
			},
		);

/**
 * A folder that is made once for this Python and these parts, and then kept.
 * @throws LeftOut there is no Python
 */
export async function madeForPython(
	name: string,
	parts: readonly string[],
	make: (folder: string) => Promise<void>,
): Promise<string> {
	const key = createHash("sha256")
		.update(JSON.stringify([await pythonVersion(), parts]))
		.digest("hex");
	return madeOnce(`${name}-${key.slice(0, 16)}`, make, CACHE);
}

/**
 * An environment with these packages.
 * @returns the folder of its commands
 * @throws LeftOut it cannot be made
 */
export async function environment(
	name: string,
	packages: readonly string[],
): Promise<string> {
	const make = async (folder: string) => {
		process.stderr.write(` (installing ${packages.join(" ")})`);
		await spawnChild("python3", ["-m", "venv", folder]).output();
		const pip = ["install", "--quiet", "--disable-pip-version-check"];
		await spawnChild(join(folder, "bin/pip"), [...pip, ...packages]).output();
	};
	const folder = await orLeftOut(madeForPython(name, packages, make));
	return join(folder, "bin");
}
