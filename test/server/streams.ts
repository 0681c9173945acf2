import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { createGunzip } from "node:zlib";
import { SHARED } from "../support/app.ts";
import { until } from "../support/until.ts";

export interface Line {
	index: number;
	result?: unknown;
	error?: { message: string; error_type: string };
}

/** A client that sends lines and reads those that answer them at the same time. */
export function openStream(url: string, headers: Record<string, string> = {}) {
	const sending = request(url, {
		method: "POST",
		headers: { "Content-Type": "application/x-ndjson", ...headers },
	});
	sending.on("error", () => {}); // the answer says what happened
	const answered = once(sending, "response") as Promise<[IncomingMessage]>;
	let text = "";
	let hasEnded = false;
	const answer = answered.then(([response]) => {
		const isPacked = response.headers["content-encoding"] === "gzip";
		const plain = isPacked ? response.pipe(createGunzip()) : response;
		response.on("error", () => {}); // it ends early then
		plain.setEncoding("utf8");
		plain.on("data", (chunk: string) => {
			text += chunk;
		});
		plain.on("end", () => {
			hasEnded = true;
		});
		return response;
	});
	answer.catch(() => {}); // there is none if the client leaves early
	sending.flushHeaders();
	const stream = {
		sending,
		/** Its head; it is read from then on, unless it is paused. */
		answer,
		get text() {
			return text;
		},
		/** Whole lines so far. */
		get lines(): Line[] {
			const whole = text.slice(0, text.lastIndexOf("\n") + 1);
			return whole
				.split("\n")
				.filter(Boolean)
				.map((line) => JSON.parse(line));
		},
		send(...items: unknown[]): void {
			const lines = items.map((item) => `${JSON.stringify(item)}\n`);
			sending.write(lines.join(""));
		},
		async has(count: number): Promise<Line[]> {
			await until(`${count} lines have come`, () => {
				return stream.lines.length >= count;
			});
			return stream.lines;
		},
		/** Ends the input, if it has not ended. @returns all lines */
		async end(last?: string | Buffer): Promise<Line[]> {
			sending.end(last);
			return await stream.rest();
		},
		async rest(): Promise<Line[]> {
			await answer;
			await until("the answer has ended", () => hasEnded);
			return stream.lines;
		},
	};
	return stream;
}

/** A file that fixtures write to, and wait for. */
export function signal() {
	const path = join(SHARED, randomUUID());
	return {
		path,
		/** How often code has told that it began. */
		get count() {
			return existsSync(path) ? statSync(path).size : 0;
		},
		began(): Promise<true> {
			return until("it has begun", () => existsSync(path));
		},
		go(): void {
			writeFileSync(`${path}.go`, "");
		},
	};
}
