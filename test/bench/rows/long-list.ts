import { resolve } from "node:path";
import { forkChild } from "../children.ts";
import { SHOUT, startContender } from "../contenders/contenders.ts";
import type { Generator } from "../load/load.ts";
import { median, short } from "../numbers.ts";
import type { Effort, Row } from "../row.ts";

const PLAIN = resolve(import.meta.dirname, "../contenders/plain-lists.ts");
const WARM_UP_CALLS = 15;
const CALLS = 5;

/** One call with 100 000 items over HTTP, against the same work in a plain script on the same bytes. */
export async function longList(
	generator: Generator,
	effort: Effort,
	bodyFile: string,
): Promise<Row[]> {
	const applyd = await startContender("applyd");
	const plain = forkChild(PLAIN, [bodyFile]);
	await plain.message();
	const call = async (calls: number) => {
		const { latenciesMs } = await generator.report({
			url: applyd.url + SHOUT,
			bodyFile,
			connections: 1,
			seconds: 60,
			calls,
		});
		return median(latenciesMs);
	};
	const work = async (times: number) => {
		plain.send(times);
		return median((await plain.message()) as number[]);
	};
	await call(WARM_UP_CALLS);
	await work(WARM_UP_CALLS);
	const oursMs: number[] = [];
	const plainMs: number[] = [];
	for (let round = 0; round < effort.rounds; round++) {
		oursMs.push(await call(CALLS));
		plainMs.push(await work(CALLS));
	}
	await applyd.child.end();
	await plain.end();
	const ratios = oursMs.map((ms, i) => (plainMs[i] as number) / ms);
	return [
		{
			name: "long-list",
			what: "one call with 100 000 items, native",
			ours: `${short(median(oursMs))} ms`,
			against: `plain script ${short(median(plainMs))} ms`,
			value: median(ratios),
			unit: "×",
			target: { atLeast: 0.85 },
			details: { ratios, oursMs, plainMs },
		},
	];
}
