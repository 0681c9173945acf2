import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { type Child, spawnChild } from "../children.ts";
import { temporaryFolder } from "../temporary.ts";

const run = promisify(execFile);
const BENCH = resolve(import.meta.dirname, "..");
export const ALGORITHMS = resolve(BENCH, "algorithms");
export const REPOSITORY = resolve(BENCH, "../..");

/** Where each contender answers calls of the work that all share. */
export const SHOUT = "/v1/algo/bench/Shout/1.0.0";
export const OTHER_SHOUT = "/v1/algo/bench/Shout/1.0.1";
export const LOOP = "/v1/algo/bench/Loop/1.0.0";

export type ContenderName =
	| "applyd"
	| "applyd-keys"
	| "applyd-process"
	| "bare"
	| "piscina";

/** A server to be measured, in a process of its own. */
export interface Contender {
	name: ContenderName;
	child: Child;
	url: string;
	/** What callers must bring. */
	key?: string;
}

/** The flags of `applyd serve` for a run that leaves nothing behind. */
export async function applydFlags(): Promise<string[]> {
	return [
		...["--port", "0"],
		...["--algorithms", ALGORITHMS],
		...["--state", await temporaryFolder()],
	];
}

/**
 * Starts a server and waits until it listens. applyd has its default settings, and logs each call to a
 * pipe that is drained; the others log nothing.
 */
export async function startContender(name: ContenderName): Promise<Contender> {
	if (name === "bare" || name === "piscina")
		return start(name, [resolve(import.meta.dirname, `${name}.mjs`)]);
	const bin = resolve(REPOSITORY, "server/applyd.js");
	const flags = await applydFlags();
	const contender = await start(name, [
		...[bin, "serve", ...flags],
		...(name === "applyd-process" ? ["--isolation", "process"] : []),
		...(name === "applyd-keys" ? ["--auth", "keys"] : []),
	]);
	if (name !== "applyd-keys") return contender;
	const create = [bin, "key", "create", "bench", ...flags];
	const { stdout } = await run(process.execPath, create);
	return { ...contender, key: stdout.trim() };
}

async function start(name: ContenderName, args: string[]): Promise<Contender> {
	const child = spawnChild(process.execPath, args);
	return { name, child, url: await child.listening() };
}
