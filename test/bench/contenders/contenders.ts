import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { type Child, spawnChild } from "../children.ts";
import { temporaryFolder } from "../temporary.ts";
import { isPeer, type PeerName, startPeer } from "./peers.ts";
import { ALGORITHMS, BIN, CONTENDERS, PYTHON_SHOUT, SHOUT } from "./places.ts";
import { pythonVersion } from "./python.ts";

const run = promisify(execFile);

export type ContenderName =
	| "applyd"
	| "applyd-keys"
	| "applyd-process"
	| "applyd-python"
	| "bare"
	| "piscina"
	| PeerName;

/** A server to be measured, in a process of its own. */
export interface Contender {
	name: ContenderName;
	child: Child;
	url: string;
	/** Where it answers calls of the work that all share. */
	shoutUrl: string;
	/** What callers must bring. */
	key?: string;
}

/**
 * The flags of `applyd serve` for a run that leaves nothing behind.
 * @param algorithms the root
 * @param state the state folder; absent for a new one
 */
export async function applydFlags(
	algorithms = ALGORITHMS,
	state?: string,
): Promise<string[]> {
	return [
		...["--port", "0"],
		...["--algorithms", algorithms],
		...["--state", state ?? (await temporaryFolder())],
	];
}

/**
 * Starts a server and waits until it listens. applyd has its default settings, and logs each call to a
 * pipe that is drained; the others log nothing.
 * @param algorithms the root, where it is applyd
 * @param state the state folder, where it is applyd; absent for a new one
 * @throws LeftOut it is of Python, and cannot be had here
 */
export async function startContender(
	name: ContenderName,
	algorithms = ALGORITHMS,
	state?: string,
): Promise<Contender> {
	if (isPeer(name)) {
		const { child, url, path } = await startPeer(name);
		return { name, child, url, shoutUrl: url + path };
	}
	if (name === "bare" || name === "piscina")
		return start(name, [resolve(CONTENDERS, `${name}.mjs`)]);
	if (name === "applyd-python") await pythonVersion();
	const flags = await applydFlags(algorithms, state);
	const contender = await start(name, [
		...[BIN, "serve", ...flags],
		...(name === "applyd-process" ? ["--isolation", "process"] : []),
		...(name === "applyd-keys" ? ["--auth", "keys"] : []),
	]);
	if (name !== "applyd-keys") return contender;
	const create = [BIN, "key", "create", "bench", ...flags];
	const { stdout } = await run(process.execPath, create);
	return { ...contender, key: stdout.trim() };
}

async function start(name: ContenderName, args: string[]): Promise<Contender> {
	const child = spawnChild(process.execPath, args);
	const url = await child.listening();
	const shout = name === "applyd-python" ? PYTHON_SHOUT : SHOUT;
	return { name, child, url, shoutUrl: url + shout };
}
