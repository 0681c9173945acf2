import { startContender } from "../contenders/contenders.ts";
import { COSTLY_BATCHED, COSTLY_SINGLE } from "../contenders/places.ts";
import type { Generator, Load } from "../load/load.ts";
import { median, short } from "../numbers.ts";
import type { Effort, Row } from "../row.ts";

/** Single calls that cost 5 ms however many run together: with micro-batching, and without. */
export async function microBatch(
	generator: Generator,
	effort: Effort,
	bodyFile: string,
): Promise<Row[]> {
	const { child, url } = await startContender("applyd");
	const run = (path: string, connections: number, seconds = effort.seconds) =>
		generator.run({ url: url + path, bodyFile, connections, seconds });
	await run(COSTLY_SINGLE, 64);
	await run(COSTLY_BATCHED, 64);
	const batched: Load[] = [];
	const single: Load[] = [];
	const alone: Load[] = [];
	const aloneSingle: Load[] = [];
	for (let round = 0; round < effort.rounds; round++) {
		single.push(await run(COSTLY_SINGLE, 64));
		batched.push(await run(COSTLY_BATCHED, 64));
		aloneSingle.push(await run(COSTLY_SINGLE, 1));
		alone.push(await run(COSTLY_BATCHED, 1));
	}
	const metrics = await fetch(`${url}/metrics`);
	const batches = (await metrics.text())
		.split("\n")
		.filter((line) => line.startsWith("applyd_batch"));
	await child.end();
	const rates = (loads: Load[]) => loads.map(({ callsPerS }) => callsPerS);
	const waits = (loads: Load[]) => loads.map(({ p50Ms }) => p50Ms);
	const against = median(rates(single));
	const against1 = median(waits(aloneSingle));
	return [
		{
			name: "micro-batch",
			what: "single calls of 5 ms, 64 connections, microBatch",
			ours: `${short(median(rates(batched)))} calls/s`,
			against: `without ${short(against)} calls/s`,
			value: median(rates(batched)) / against,
			unit: "×",
			target: { atLeast: 8 },
			details: { batched, single, batches },
		},
		{
			name: "micro-batch-alone",
			what: "the same from one caller: how long a call takes",
			ours: `${short(median(waits(alone)))} ms`,
			against: `without ${short(against1)} ms`,
			value: median(waits(alone)) / against1,
			unit: "×",
			target: { atMost: 1.1 },
			details: { alone, aloneSingle },
		},
	];
}
