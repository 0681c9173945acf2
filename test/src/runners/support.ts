import type { TestServer } from "../../support/app.ts";

export interface Answer {
	status: number;
	result: unknown;
	error: { message: string; error_type: string } | undefined;
	metadata: Record<string, unknown>;
}

export async function post(
	server: TestServer,
	path: string,
	input: unknown,
): Promise<Answer> {
	const response = await fetch(`${server.url}/v1/algo/${path}`, {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: JSON.stringify(input),
	});
	return {
		status: response.status,
		...((await response.json()) as object),
	} as Answer;
}

/** What `life/Worker` answers: which worker it was. */
export interface WorkerName {
	name: string;
	loads: number;
	threadId: number;
	process: string;
}

export async function whoServes(
	server: TestServer,
	path: string,
	ms = 0,
): Promise<WorkerName> {
	return (await post(server, path, { ms })).result as WorkerName;
}
