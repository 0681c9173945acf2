import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { Launch } from "../launch.ts";

/** On a busy machine; it takes 20. */
const TRIAL_MS = 10_000;

/** Programs of this machine that the walls are made of: paths, or a bare name where there is none. */
export interface Tools {
	bwrap: string;
	prlimit: string;
	setpriv: string;
	/** Absent where util-linux has none. */
	choom: string | undefined;
}

export async function findTools(): Promise<Tools> {
	const [bwrap, prlimit, setpriv, choom] = await Promise.all(
		["bwrap", "prlimit", "setpriv", "choom"].map(find),
	);
	return {
		bwrap: bwrap ?? "bwrap",
		prlimit: prlimit ?? "prlimit",
		setpriv: setpriv ?? "setpriv",
		choom,
	};
}

async function find(name: string): Promise<string | undefined> {
	for (const folder of (process.env.PATH ?? "").split(delimiter)) {
		const path = join(folder, name);
		const isThere = await access(path, constants.X_OK).then(
			() => folder.startsWith("/"),
			() => false,
		);
		if (isThere) return path;
	}
	return undefined;
}

/** @returns what the program said when it failed; nothing if it did not */
export async function tryOut({
	command,
	args,
	env,
	folder,
}: Launch): Promise<string | undefined> {
	const child = spawn(command, args, {
		env: { ...env },
		cwd: folder,
		detached: true,
		stdio: ["ignore", "ignore", "pipe", "pipe"],
	});
	(child.stdio[3] as Readable).on("error", () => {}).resume();
	const timer = setTimeout(() => killGroup(child), TRIAL_MS);
	try {
		const [said, [code, signal]] = await Promise.all([
			text(child.stderr as Readable),
			once(child, "close"),
		]);
		if (code === 0) return undefined;
		return said.trim().split("\n").at(-1) || `ended with ${signal ?? code}`;
	} catch {
		return `there is no ${command}`;
	} finally {
		clearTimeout(timer);
	}
}

/** The process with all that it has started, at once: bwrap alone would leave what it has just begun. */
export function killGroup({ pid }: ChildProcess): void {
	if (pid === undefined) return;
	try {
		process.kill(-pid, "SIGKILL");
	} catch {
		// all gone already
	}
}
