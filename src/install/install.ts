import type { Installed, Tell } from "./installed.ts";
import { removeLeftovers } from "./leftovers.ts";
import { installNodeModules } from "./node-modules.ts";
import { installVenv } from "./venv.ts";

/**
 * Brings what a version declares into its folder: Python packages into `.venv`, npm's into `node_modules`.
 * What was there stays in force until the new is whole.
 * @param folder the version's
 * @throws Error saying what failed
 */
export async function install(folder: string, tell: Tell): Promise<Installed> {
	try {
		const done = [
			await installVenv(folder, tell),
			await installNodeModules(folder, tell),
		];
		if (done.includes("installed")) return "installed";
		return done.includes("up to date") ? "up to date" : "nothing";
	} finally {
		await removeLeftovers(folder);
	}
}
