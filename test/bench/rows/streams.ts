import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { request } from "node:http";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { spawnChild } from "../children.ts";
import { startContender } from "../contenders/contenders.ts";
import { CONTENDERS } from "../contenders/places.ts";
import type { Effort, Row } from "../row.ts";
import { temporaryFolder } from "../temporary.ts";
import { rateRow } from "./rates.ts";

const NEWLINE = 10;

/** A stream of lines over HTTP, against a plain script that reads and writes files; the client is this process. */
export async function streams(
	effort: Effort,
	rowsFile: string,
): Promise<Row[]> {
	const rows = await countLines(rowsFile);
	const { child, shoutUrl } = await startContender("applyd");
	await streamOnce(shoutUrl, rowsFile);
	const ours: number[] = [];
	const plain: number[] = [];
	for (let round = 0; round < effort.times; round++) {
		const startedAt = performance.now();
		const answered = await streamOnce(shoutUrl, rowsFile);
		if (answered !== rows)
			throw new Error(`${answered} lines answered of ${rows}`);
		ours.push(perSecond(rows, startedAt));
		plain.push(await plainStream(rowsFile, rows));
	}
	await child.end();
	const row = {
		name: "stream",
		what: `a stream of ${rows} lines (NDJSON)`,
		target: { atLeast: 0.7 },
	};
	return [rateRow(row, ours, plain)];
}

/** @returns rows a second of the plain script, its start left out */
export async function plainStream(
	rowsFile: string,
	rows: number,
): Promise<number> {
	const script = resolve(CONTENDERS, "plain-stream.ts");
	const output = join(await temporaryFolder(), "output.ndjson");
	const startOnly = performance.now();
	await spawnChild(process.execPath, [script, "/dev/null", output]).output();
	const startMs = performance.now() - startOnly;
	const startedAt = performance.now();
	await spawnChild(process.execPath, [script, rowsFile, output]).output();
	const seconds = (performance.now() - startedAt - startMs) / 1000;
	if ((await countLines(output)) !== rows) throw new Error("lines are missing");
	return rows / seconds;
}

export async function countLines(file: string): Promise<number> {
	let lines = 0;
	for await (const chunk of createReadStream(file)) lines += newlinesIn(chunk);
	return lines;
}

export const perSecond = (count: number, startedAt: number): number =>
	(count * 1000) / (performance.now() - startedAt);

/** @returns lines of the answer */
async function streamOnce(url: string, file: string): Promise<number> {
	const { size } = await stat(file);
	const sent = request(url, {
		method: "POST",
		headers: { "content-type": "application/x-ndjson", "content-length": size },
	});
	const answered = new Promise<number>((resolve, reject) => {
		sent.on("error", reject);
		sent.on("response", (response) => {
			let lines = 0;
			response.on("data", (chunk: Buffer) => {
				lines += newlinesIn(chunk);
			});
			response.on("error", reject);
			response.on("end", () => resolve(lines));
		});
	});
	await pipeline(createReadStream(file), sent);
	return answered;
}

function newlinesIn(chunk: Buffer): number {
	let lines = 0;
	for (let at = chunk.indexOf(NEWLINE); at >= 0; lines++)
		at = chunk.indexOf(NEWLINE, at + 1);
	return lines;
}
