import { readFile } from "node:fs/promises";
import { availableParallelism, release } from "node:os";

/** One process: more connections and files than an algorithm needs, fewer than would use up a machine's. */
const OPEN_FILES = 16_384;
/** What `select` and those that close all descriptors expect; Node raises it by itself. */
const OPEN_FILES_AT_FIRST = 1024;
/** Processes and threads of one worker process, and what each of its workers may start besides. */
const BASE_TASKS = 256;
const TASKS_PER_WORKER = 32;

/** How many processes and threads a worker process may have: native libraries start a thread for each processor. */
export const maxTasks = (workers: number): number =>
	BASE_TASKS + workers * (TASKS_PER_WORKER + 2 * availableParallelism());

/**
 * Whether the kernel counts the processes of a user namespace by themselves (since 5.14); else those of all
 * workers and the server would be one sum. It counts none of root's.
 */
export const countsTasks = (): boolean => {
	const [major = 0, minor = 0] = release().split(".").map(Number);
	const isNew = major > 5 || (major === 5 && minor >= 14);
	return isNew && process.getuid?.() !== 0;
};

/** The limits of prlimit(1) that are the same for all. No core dumps: they hold what the memory held. */
export async function commonLimits(): Promise<string[]> {
	const table = await readFile("/proc/self/limits", "utf8").catch(() => "");
	const [, most] = /^Max open files\s+\S+\s+(\d+)/m.exec(table) ?? [];
	const hard = Math.min(OPEN_FILES, Number(most ?? OPEN_FILES));
	return [
		"--core=0",
		`--nofile=${Math.min(OPEN_FILES_AT_FIRST, hard)}:${hard}`,
	];
}
