import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { venvOf } from "../registry/python.ts";

/**
 * The names under which an install works, each with the number of its process: a killed one leaves its own
 * behind, and what still runs of it (pip, npm) goes on writing where nobody looks.
 */
export const workNames = {
	venv: (python: string, digest: string) =>
		`.venv-${python}-${digest}-${process.pid}`,
	/** The link that becomes `.venv`. */
	link: (venv: string) => `${venv}~`,
	modules: () => `.node_modules-${process.pid}`,
};
const MADE = /^\.(?:venv-\d+\.\d+-[0-9a-f]{12}|node_modules)-(?<pid>\d+)~?$/;

/** Removes what earlier installs and this one have left; that of another one that runs now stays. */
export async function removeLeftovers(folder: string): Promise<void> {
	for (const name of await readdir(folder)) {
		const pid = MADE.exec(name)?.groups?.pid;
		if (pid === undefined || isAtWork(Number(pid))) continue;
		// Asked after the process has ended: what it had made may be in force by now.
		if ((await venvOf(folder))?.name === name) continue;
		// What cannot be removed now is left to the next.
		await rm(join(folder, name), {
			recursive: true,
			force: true,
			maxRetries: 3,
		}).catch(() => {});
	}
}

/** Whether another process of this number runs. */
function isAtWork(pid: number): boolean {
	if (pid === process.pid) return false;
	try {
		return process.kill(pid, 0);
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === "EPERM";
	}
}
