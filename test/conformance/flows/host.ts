import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ListenerView } from "../../../src/listeners/listener.ts";
import type { ListenerOptions } from "../../../src/listeners/options.ts";
import type { Flow } from "../../support/flows/flow.ts";
import { type ServerProcess, startProcess } from "../../support/process.ts";

/** A line of a results or dead-letters folder. */
export interface Line {
	messageId: string;
	result?: unknown;
	attempts?: number;
	error?: { message: string; error_type: string };
	body?: string;
	encoding?: "base64";
}

type Declared = Partial<Omit<ListenerOptions, "source" | "name">>;

/** A state folder and a listeners file, for servers that come and go. */
export class Host {
	readonly file: string;
	readonly state: string;
	readonly #args: readonly string[];
	readonly #servers: ServerProcess[] = [];

	private constructor(folder: string, args: readonly string[]) {
		this.state = folder;
		this.file = join(folder, "listeners.json");
		this.#args = args;
	}

	/** With one listener, `flow`: results in `data://.my/results`, dead letters in `data://.my/dead`, unless declared otherwise. */
	static async make(
		flow: Flow,
		declared: Declared = {},
		args: readonly string[] = [],
	): Promise<Host> {
		const folder = await mkdtemp(join(tmpdir(), "applyd-test-"));
		const host = new Host(folder, args);
		await host.declare(flow, declared);
		return host;
	}

	/** Writes the file anew. */
	async declare(flow: Flow, declared: Declared = {}): Promise<void> {
		const listener = {
			name: "flow",
			algorithm: "flow/Work",
			source: flow.source,
			retryDelaySeconds: 0.1,
			maxAttempts: 2,
			results: { type: "data", path: "data://.my/results" },
			deadLetters: { type: "data", path: "data://.my/dead" },
			...declared,
		};
		await writeFile(this.file, JSON.stringify({ listeners: [listener] }));
	}

	async start(env: NodeJS.ProcessEnv = {}): Promise<ServerProcess> {
		const server = await startProcess(
			[
				"--state",
				this.state,
				"--containment",
				"off",
				"--listeners",
				this.file,
				...this.#args,
			],
			{
				AWS_ACCESS_KEY_ID: "x",
				AWS_SECRET_ACCESS_KEY: "x",
				...env,
			},
		);
		this.#servers.push(server);
		return server;
	}

	async close(): Promise<void> {
		for (const server of this.#servers) await server.close();
		await rm(this.state, { recursive: true, force: true });
	}
}

export async function viewOf({ url }: ServerProcess): Promise<ListenerView> {
	const answer = await fetch(`${url}/v1/listeners`);
	const { listeners } = (await answer.json()) as { listeners: ListenerView[] };
	const [view] = listeners;
	if (!view) throw new Error("there is no listener");
	return view;
}

/** What stands in a collection of the server's account, line by line. */
export async function linesOf(
	{ url }: ServerProcess,
	collection: string,
): Promise<Line[]> {
	const lines: Line[] = [];
	for (const name of await partsOf(url, collection)) {
		const part = await fetch(`${url}/v1/data/.my/${collection}/${name}`);
		const text = await part.text();
		if (text !== "" && !text.endsWith("\n"))
			throw new Error(`${name} ends in the middle of a line`);
		for (const line of text.split("\n"))
			if (line !== "") lines.push(JSON.parse(line));
	}
	return lines;
}

async function partsOf(url: string, collection: string): Promise<string[]> {
	const names: string[] = [];
	let marker: string | undefined;
	do {
		const query = marker === undefined ? "" : `?marker=${marker}`;
		const answer = await fetch(`${url}/v1/data/.my/${collection}${query}`);
		if (answer.status === 404) return names;
		const page = (await answer.json()) as {
			files?: { filename: string }[];
			marker?: string;
		};
		for (const { filename } of page.files ?? []) names.push(filename);
		marker = page.marker;
	} while (marker !== undefined);
	return names;
}
