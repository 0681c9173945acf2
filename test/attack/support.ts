import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestServer } from "../support/app.ts";

export interface Answer {
	status: number;
	result: unknown;
	error: { message: string; error_type: string } | undefined;
}

/** Both isolations, by the version of `attack/Weapons` that asks for each. */
export const ISOLATIONS = [
	{ isolation: "thread", version: "1.0.0" },
	{ isolation: "process", version: "2.0.0" },
] as const;

export async function post(
	server: TestServer,
	path: string,
	input: unknown,
	signal?: AbortSignal,
): Promise<Answer> {
	const response = await fetch(`${server.url}/v1/algo/${path}`, {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: JSON.stringify(input),
		...(signal && { signal }),
	});
	const body = (await response.json()) as Partial<Answer>;
	return { status: response.status, result: body.result, error: body.error };
}

/** The worker processes that this process has, by pid. */
export function workerProcesses(): number[] {
	return readdirSync("/proc")
		.filter((name) => /^\d+$/.test(name))
		.map(Number)
		.filter((pid) => isWorkerOf(pid, process.pid));
}

function isWorkerOf(pid: number, parent: number): boolean {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
		const ppid = Number(stat.slice(stat.lastIndexOf(")") + 4).split(" ")[0]);
		const command = readFileSync(`/proc/${pid}/cmdline`, "latin1");
		return ppid === parent && command.includes("workers/node/process.js");
	} catch {
		return false; // it ended while we looked
	}
}

/** Resident bytes of these processes together. */
export function residentBytes(pids: number[]): number {
	let pages = 0;
	for (const pid of pids) {
		try {
			pages += Number(
				readFileSync(`/proc/${pid}/statm`, "latin1").split(" ")[1],
			);
		} catch {}
	}
	return pages * 4096;
}

/** A path in a new temporary folder. */
export async function freshPath(name: string): Promise<string> {
	return join(await mkdtemp(join(tmpdir(), "applyd-test-")), name);
}
