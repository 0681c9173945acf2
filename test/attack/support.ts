import { readFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { PIECES, type WantedPieces } from "../../src/config/pieces.ts";
import { optional } from "../clients/optional.ts";
import { SHARED, startApp, type TestServer } from "../support/app.ts";
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

/** All walls, or where those cannot be had what this machine allows. */
export async function wallsHere(): Promise<WantedPieces> {
	const hasAll = await optional("containment", async () => {
		await (await startApp({ containment: PIECES })).close();
		return true;
	});
	return hasAll ? PIECES : "auto";
}

/** What the culprit's caller gets. */
export interface Expected {
	error_type: string;
	message?: string | RegExp;
}

/** The contract's words for what was ended, for its time or its memory. */
const ENDED =
	"Failed to run algorithm - may have timed-out or hit out-of-memory error";
export const timeout: Expected = { error_type: "TimeoutError", message: ENDED };
export const memory: Expected = {
	error_type: "OutOfMemoryError",
	message: ENDED,
};
export const exit = (code: number): Expected => ({
	error_type: "SystemExit",
	message: `exited with code ${code}`,
});
export const failed = (message: string | RegExp): Expected => ({
	error_type: "AlgorithmError",
	message,
});

/** Has a weapon used: its caller gets the error, its neighbour and the next caller their answers. */
export async function use(
	server: TestServer,
	path: string,
	weapon: object,
	expected: Expected,
	seconds: number,
): Promise<void> {
	const neighbour = post(server, "attack/Neighbour", 41);
	const culprit = await post(server, `${path}?timeout=${seconds}`, weapon);
	expect(culprit.status).toBe(200);
	expect(culprit.error).toMatchObject({ error_type: expected.error_type });
	if (expected.message instanceof RegExp)
		expect(culprit.error?.message).toMatch(expected.message);
	else if (expected.message !== undefined)
		expect(culprit.error?.message).toBe(expected.message);
	expect((await neighbour).result).toBe(42);
	expect((await post(server, path, { do: "nothing" })).result).toBe("fine");
	expect((await post(server, "attack/Neighbour", 1)).result).toBe(2);
}

/** The worker processes below this process, by pid, with the walls that they are behind. */
export const workerProcesses = (): number[] =>
	descendantsOf(process.pid).filter((pid) =>
		/workers\/(node|python)\/process/.test(commandOf(pid)),
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
