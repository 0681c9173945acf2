import { createHash } from "node:crypto";
import { join } from "node:path";
import { madeOnce } from "../../clients/made-once.ts";
import { spawnChild } from "../children.ts";
import { orLeftOut } from "../left-out.ts";
import { REPOSITORY } from "./places.ts";

const CACHE = join(REPOSITORY, "node_modules/.cache/applyd");

/** Of the Python that runs us and the peers. @throws LeftOut there is none */
export const pythonVersion = (): Promise<string> =>
	orLeftOut(spawnChild("python3", ["--version"]).output());

/**
 * An environment with these packages, made when it is needed first.
 * @returns the folder of its commands
 * @throws LeftOut it cannot be made
 */
export async function environment(
	name: string,
	packages: readonly string[],
): Promise<string> {
	const key = createHash("sha256")
		.update(JSON.stringify([await pythonVersion(), packages]))
		.digest("hex");
	const make = async (folder: string) => {
		process.stderr.write(` (installing ${packages.join(" ")})`);
		await spawnChild("python3", ["-m", "venv", folder]).output();
		const pip = ["install", "--quiet", "--disable-pip-version-check"];
		await spawnChild(join(folder, "bin/pip"), [...pip, ...packages]).output();
	};
	const folder = await orLeftOut(
		madeOnce(`${name}-${key.slice(0, 16)}`, make, CACHE),
	);
	return join(folder, "bin");
}
