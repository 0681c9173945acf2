import { readFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { SHARED, type TestServer } from "../support/app.ts";
import { commandOf, descendantsOf } from "../support/process-table.ts";

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

/** The worker processes below this process, by pid, with the walls that they are behind. */
export const workerProcesses = (): number[] =>
	descendantsOf(process.pid).filter((pid) =>
		commandOf(pid).includes("workers/node/process.js"),
	);

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

/** A new folder that the test and the algorithms both reach. */
export const freshFolder = (): Promise<string> =>
	mkdtemp(join(SHARED, "fresh-"));

/** A path in one. */
export const freshPath = async (name: string): Promise<string> =>
	join(await freshFolder(), name);
