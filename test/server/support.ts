import { once } from "node:events";
import { connect, type Socket } from "node:net";
import supertest from "supertest";
import { afterAll, beforeAll } from "vitest";
import type { Config } from "../../src/index.ts";
import { startApp, type TestServer } from "../support/app.ts";

type Headers = Record<string, string>;

export const JSON_TYPE = { "Content-Type": "application/json" };
export const TEXT_TYPE = { "Content-Type": "text/plain" };
export const BINARY_TYPE = { "Content-Type": "application/octet-stream" };

/** One server for all tests of a file. */
export function shareServer(overrides: Partial<Config> = {}) {
	let server: TestServer | undefined;
	beforeAll(async () => {
		server = await startApp(overrides);
	});
	afterAll(() => server?.close());
	const running = (): TestServer => {
		if (!server) throw new Error("the server has not started");
		return server;
	};
	return {
		get url() {
			return running().url;
		},
		get engine() {
			return running().engine;
		},
		get store() {
			return running().store;
		},
		get log() {
			return running().log;
		},
		get(path: string, headers: Headers = {}) {
			return supertest(running().url).get(path).set(headers);
		},
		/** Sends a body as it is. */
		post(path: string, body: string | Buffer, headers: Headers = JSON_TYPE) {
			return supertest(running().url).post(path).set(headers).send(body);
		},
		/** Calls an algorithm of ours with a JSON input. */
		call(path: string, input: unknown, headers: Headers = {}) {
			return supertest(running().url)
				.post(`/v1/algo/wire/${path}`)
				.set({ ...JSON_TYPE, ...headers })
				.send(JSON.stringify(input));
		},
		/** Writes bytes to a new connection and reads until the server closes it. */
		async exchange(...parts: (string | Buffer)[]): Promise<Answer> {
			const socket = this.connect();
			const received = collect(socket);
			for (const part of parts) socket.write(part);
			await once(socket, "close");
			return parseAnswer(received.text);
		},
		connect(): Socket {
			return connect(Number(new URL(running().url).port), "127.0.0.1");
		},
	};
}

export interface Answer {
	statusLine: string;
	status: number;
	headers: Headers;
	body: string;
}

/** What has arrived on a socket so far. */
export function collect(socket: Socket): { text: string; chunks: string[] } {
	const received = { text: "", chunks: [] as string[] };
	socket.setEncoding("latin1");
	socket.on("data", (chunk: string) => {
		received.text += chunk;
		received.chunks.push(chunk);
	});
	return received;
}

/** The last answer in a connection's bytes; `100 Continue` is passed over. */
export function parseAnswer(text: string): Answer {
	const [head = "", ...rest] = text
		.replace(/^HTTP\/1\.1 100 [^\r]*\r\n\r\n/, "")
		.split("\r\n\r\n");
	const [statusLine = "", ...lines] = head.split("\r\n");
	const headers = lines.map((line) => {
		const at = line.indexOf(":");
		return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
	});
	return {
		statusLine,
		status: Number(statusLine.split(" ")[1]),
		headers: Object.fromEntries(headers),
		body: Buffer.from(rest.join("\r\n\r\n"), "latin1").toString(),
	};
}

/** The head of a call whose connection ends with its answer. */
export function head(path: string, ...headers: string[]): string {
	const lines = [
		`POST ${path} HTTP/1.1`,
		"Host: 127.0.0.1",
		"Connection: close",
		...headers,
	];
	return `${lines.join("\r\n")}\r\n\r\n`;
}
