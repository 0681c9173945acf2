import { spawnChild } from "../children.ts";
import { type Contender, startContender } from "../contenders/contenders.ts";
import { installModel, MODEL, type Model } from "../contenders/model.ts";
import { callOnce } from "../load/once.ts";
import { median, short } from "../numbers.ts";
import { heldMb, treeOf } from "../processes.ts";
import type { Effort, Row } from "../row.ts";

const WORKERS = 4;
/** More than workers, so that a call always waits for one. */
const CALLERS = 8;
/** Of a call. */
const SECONDS = 0.03;
const GROW_SECONDS = 60;

/** From the first call of an algorithm with heavy imports to its answer, against the imports alone. */
export async function modelStart(effort: Effort): Promise<Row[]> {
	const model = await installModel();
	await model.configure({});
	const oursMs: number[] = [];
	const importMs: number[] = [];
	await firstCall(model); // what is read from disk is in memory from here on
	await importAll(model);
	for (let i = 0; i < effort.times; i++) {
		oursMs.push(await firstCall(model));
		importMs.push(await importAll(model));
	}
	const ratios = oursMs.map((ms, i) => ms / (importMs[i] as number));
	return [
		{
			name: "python-start",
			what: "first call of Python with heavy imports",
			ours: `${short(median(oursMs))} ms`,
			against: `python -c "import …" ${short(median(importMs))} ms`,
			value: median(ratios),
			unit: "×",
			target: { atMost: 1.3 },
			details: { ratios, oursMs, importMs, imports: model.imports },
		},
	];
}

/** What `fork` is for: a second worker of such an algorithm, and the memory of four. */
export async function modelWorkers(effort: Effort): Promise<Row[]> {
	const model = await installModel();
	const plain: Crew[] = [];
	const forked: Crew[] = [];
	for (let i = 0; i < effort.times; i++) {
		plain.push(await growCrew(model, false));
		forked.push(await growCrew(model, true));
	}
	const row = (name: string, what: string, unit: "ms" | "MB"): Row => {
		const of = (crews: Crew[]) => crews.map((crew) => crew[unit]);
		const ratios = of(forked).map(
			(value, i) => value / (of(plain)[i] as number),
		);
		return {
			name,
			what,
			ours: `with fork ${short(median(of(forked)))} ${unit}`,
			against: `without ${short(median(of(plain)))} ${unit}`,
			value: median(ratios),
			unit: "×",
			details: { ratios, forked: of(forked), plain: of(plain) },
		};
	};
	return [
		row("python-second-worker", "second worker of it has answered after", "ms"),
		row("python-memory", `memory of ${WORKERS} workers of it`, "MB"),
	];
}

async function firstCall({ root }: Model): Promise<number> {
	const { child, url } = await startContender("applyd", root);
	const startedAt = performance.now();
	await callOnce(url + MODEL, Buffer.from("0"));
	const ms = performance.now() - startedAt;
	await child.end();
	return ms;
}

async function importAll({ python, imports }: Model): Promise<number> {
	const startedAt = performance.now();
	await spawnChild(python, ["-c", imports]).output();
	return performance.now() - startedAt;
}

/** Milliseconds until a second worker has answered, and megabytes of all processes when all workers have. */
interface Crew {
	ms: number;
	MB: number;
}

async function growCrew(
	{ root, configure }: Model,
	fork: boolean,
): Promise<Crew> {
	await configure({ fork, workers: { max: WORKERS } });
	const server = await startContender("applyd", root);
	const call = async (seconds: number) => {
		const body = Buffer.from(String(seconds));
		const answer = await callOnce(server.url + MODEL, body);
		return JSON.parse(answer).result as string;
	};
	const seen = new Set([await call(0)]);
	const startedAt = performance.now();
	let ms = 0;
	const callOn = async () => {
		while (seen.size < WORKERS) {
			if (performance.now() - startedAt > GROW_SECONDS * 1000)
				throw new Error(`${seen.size} workers after ${GROW_SECONDS} s`);
			seen.add(await call(SECONDS));
			if (seen.size === 2 && ms === 0) ms = performance.now() - startedAt;
		}
	};
	await Promise.all(Array.from({ length: CALLERS }, callOn));
	const MB = await heldMb(await workerProcesses(server));
	await server.child.end();
	return { ms, MB };
}

/** All that the server has started. */
const workerProcesses = async ({ child }: Contender): Promise<number[]> =>
	(await treeOf(child.pid)).slice(1);
