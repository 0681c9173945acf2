import { startContender } from "../contenders/contenders.ts";
import type { Generator } from "../load/load.ts";
import { median, short } from "../numbers.ts";
import type { Effort, Row } from "../row.ts";

/** Items that keep a core busy, on all workers against one. */
export async function fanOut(
	generator: Generator,
	effort: Effort,
	bodyFile: string,
): Promise<Row[]> {
	const { child, url } = await startContender("applyd");
	const run = async (batch: string) => {
		const report = await generator.report({
			url: `${url}/v1/algo/bench/SlowShout?batch=${batch}`,
			bodyFile,
			connections: 1,
			seconds: 60,
			calls: 3,
		});
		return median(report.latenciesMs);
	};
	await run("parallel");
	await run("serial");
	const parallelMs: number[] = [];
	const serialMs: number[] = [];
	for (let round = 0; round < effort.rounds; round++) {
		serialMs.push(await run("serial"));
		parallelMs.push(await run("parallel"));
	}
	await child.end();
	const ratios = parallelMs.map((ms, i) => (serialMs[i] as number) / ms);
	return [
		{
			name: "fan-out",
			what: "1000 items that keep a core busy, parallel",
			ours: `${short(median(parallelMs))} ms`,
			against: `serial ${short(median(serialMs))} ms`,
			value: median(ratios),
			unit: "×",
			target: { atLeast: 1.9 },
			details: { ratios, parallelMs, serialMs },
		},
	];
}
