import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/**
 * Removes what servers that were killed left in the folder of unfinished files, whose names begin with the process's id.
 * Another process that lives (a command beside the server) keeps its own.
 */
export async function removeLitter(folder: string): Promise<void> {
	for (const name of await readdir(folder)) {
		const pid = Number.parseInt(name, 10);
		if (pid === process.pid || !isAlive(pid))
			await rm(join(folder, name), { recursive: true, force: true });
	}
}

function isAlive(pid: number): boolean {
	try {
		return process.kill(pid, 0);
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === "EPERM";
	}
}
