import { once } from "node:events";
import { openAsBlob } from "node:fs";
import { startContender } from "../contenders/contenders.ts";
import type { Generator } from "../load/load.ts";
import { median, short } from "../numbers.ts";
import type { Effort, Row } from "../row.ts";
import { temporaryFolder } from "../temporary.ts";
import { rateRow } from "./rates.ts";
import { countLines, perSecond, plainStream } from "./streams.ts";

const POLL_MS = 20;
/** Small calls come on a clock, as in small-beside-huge. */
const SMALL_CALLS_PER_S = 500;
const SMALL_CONNECTIONS = 32;

interface JobView {
	id: string;
	status: string;
	items: { succeeded: number; failed: number };
}

/** A job over a file, against a plain script that does the same and keeps nothing safe. */
export async function jobs(effort: Effort, rowsFile: string): Promise<Row[]> {
	const rows = await countLines(rowsFile);
	const { child, url } = await startContender("applyd");
	const ours: number[] = [];
	const plain: number[] = [];
	for (let round = 0; round <= effort.times; round++) {
		const startedAt = performance.now();
		const { id } = await submit(url, rowsFile);
		const done = await until(url, id, ({ status }) => status === "completed");
		if (done.items.succeeded !== rows)
			throw new Error(`${done.items.succeeded} of ${rows} rows succeeded`);
		if (round === 0) continue; // the first one warms up
		ours.push(perSecond(rows, startedAt));
		plain.push(await plainStream(rowsFile, rows));
	}
	await child.end();
	const row = {
		name: "job",
		what: `a job of ${rows} rows, from its upload to its end`,
		target: { atLeast: 0.6 },
	};
	return [rateRow(row, ours, plain)];
}

/** Small calls while a job keeps cores busy. */
export async function smallBesideJob(
	generator: Generator,
	effort: Effort,
	files: { single: string; rows: string },
): Promise<Row[]> {
	const { child, url, shoutUrl } = await startContender("applyd");
	const small = (seconds: number) =>
		generator.run({
			url: shoutUrl,
			bodyFile: files.single,
			connections: SMALL_CONNECTIONS,
			callsPerS: SMALL_CALLS_PER_S,
			seconds,
		});
	await small(1);
	const alone: number[] = [];
	const beside: number[] = [];
	const seconds = effort.seconds * 2;
	for (let round = 0; round < effort.times; round++) {
		alone.push((await small(seconds)).p99Ms);
		const { id } = await submit(url, files.rows, "bench/SlowShout/1.0.0");
		await until(url, id, ({ items }) => items.succeeded > 0);
		beside.push((await small(seconds)).p99Ms);
		const { status } = await show(url, id);
		if (status !== "running")
			throw new Error("the job was over before the small calls were");
		await call(url, `/v1/jobs/${id}/cancel`, { method: "POST" });
		await until(url, id, (job) => job.status === "cancelled");
	}
	await child.end();
	const ratios = beside.map((ms, i) => ms / (alone[i] as number));
	return [
		{
			name: "small-beside-job",
			what: "p99 of small calls while a job keeps cores busy",
			ours: `${short(median(beside))} ms`,
			against: `alone ${short(median(alone))} ms`,
			value: median(ratios),
			unit: "×",
			target: { atMost: 3 },
			details: { ratios, beside, alone },
		},
	];
}

/** From the start of a server whose predecessor was killed to the first outcome that is new. */
export async function resume(effort: Effort, rowsFile: string): Promise<Row[]> {
	const waits: number[] = [];
	for (let round = 0; round < effort.times; round++) {
		const state = await temporaryFolder();
		const first = await startContender("applyd", undefined, state);
		const { id } = await submit(first.url, rowsFile);
		await until(first.url, id, ({ items }) => items.succeeded > 0);
		first.child.process.kill("SIGKILL");
		await once(first.child.process, "exit");
		const startedAt = performance.now();
		const second = await startContender("applyd", undefined, state);
		const before = (await show(second.url, id)).items.succeeded;
		await until(second.url, id, ({ items }) => items.succeeded > before);
		waits.push((performance.now() - startedAt) / 1000);
		await until(second.url, id, ({ status }) => status === "completed");
		await second.child.end();
	}
	return [
		{
			name: "resume",
			what: "a job goes on after kill -9, from the server's start",
			ours: `${short(median(waits))} s`,
			value: median(waits),
			unit: "s",
			target: { atMost: 2 },
			details: { waits },
		},
	];
}

async function submit(
	url: string,
	file: string,
	algorithm = "bench/Shout/1.0.0",
): Promise<JobView> {
	const body = await openAsBlob(file);
	return call(url, `/v1/jobs?algorithm=${algorithm}`, {
		method: "POST",
		headers: { "content-type": "application/x-ndjson" },
		body,
	});
}

const show = (url: string, id: string): Promise<JobView> =>
	call(url, `/v1/jobs/${id}`);

async function until(
	url: string,
	id: string,
	isSo: (job: JobView) => boolean,
): Promise<JobView> {
	for (;;) {
		const job = await show(url, id);
		if (isSo(job)) return job;
		if (job.status === "failed") throw new Error(JSON.stringify(job));
		await new Promise((resolve) => setTimeout(resolve, POLL_MS));
	}
}

async function call(
	url: string,
	path: string,
	options?: RequestInit,
): Promise<JobView> {
	const response = await fetch(url + path, options);
	const text = await response.text();
	if (!response.ok) throw new Error(`${response.status} ${text}`);
	return JSON.parse(text);
}
