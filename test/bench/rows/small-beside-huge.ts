import { resolve } from "node:path";
import { forkChild } from "../children.ts";
import { startContender } from "../contenders/contenders.ts";
import { OTHER_SHOUT } from "../contenders/places.ts";
import { Generator, type Load } from "../load/load.ts";
import { median, short } from "../numbers.ts";
import type { Effort, Row } from "../row.ts";

const PLAIN = resolve(import.meta.dirname, "../contenders/plain-lists.ts");
/** Small calls come on a clock: their times are those of callers, not of a queue that the measurement made. */
const SMALL_CALLS_PER_S = 500;
const SMALL_CONNECTIONS = 32;
/** Lists of one version at a time, one after the other. */
const HUGE_CONNECTIONS = 1;

/** Small calls of one version while another version gets list after list, each as large as an input may be. */
export async function smallBesideHuge(
	generator: Generator,
	effort: Effort,
	files: { single: string; hugeList: string },
): Promise<Row[]> {
	const applyd = await startContender("applyd");
	const hugeGenerator = await Generator.start();
	const small = (seconds: number) =>
		generator.run({
			url: applyd.shoutUrl,
			bodyFile: files.single,
			connections: SMALL_CONNECTIONS,
			callsPerS: SMALL_CALLS_PER_S,
			seconds,
		});
	const huge = (seconds: number) =>
		hugeGenerator.run({
			url: applyd.url + OTHER_SHOUT,
			bodyFile: files.hugeList,
			connections: HUGE_CONNECTIONS,
			seconds,
		});
	const besideHuge = async (seconds: number) => {
		const lists = huge(seconds + 0.5);
		const loads = await small(seconds);
		return { loads, listsPerS: (await lists).callsPerS };
	};
	const besidePlain = async (seconds: number) => {
		const plain = Array.from({ length: HUGE_CONNECTIONS }, () =>
			forkChild(PLAIN, [files.hugeList, "loop"]),
		);
		for (const child of plain) await child.message();
		const load = await small(seconds);
		for (const child of plain) await child.end();
		return load;
	};
	await small(1);
	await huge(2);
	const alone: Load[] = [];
	const plain: Load[] = [];
	const ours: Load[] = [];
	const listsPerS: number[] = [];
	const seconds = effort.seconds * 2;
	for (let round = 0; round < effort.times; round++) {
		alone.push(await small(seconds));
		const beside = await besideHuge(seconds);
		ours.push(beside.loads);
		listsPerS.push(beside.listsPerS);
		plain.push(await besidePlain(seconds));
	}
	await applyd.child.end();
	await hugeGenerator.end();
	const p99 = (loads: Load[]) => loads.map(({ p99Ms }) => p99Ms);
	const ratios = (baseline: Load[]) =>
		p99(ours).map((ms, i) => ms / (p99(baseline)[i] as number));
	const value = Math.min(median(ratios(alone)), median(ratios(plain)));
	return [
		{
			name: "small-beside-huge",
			what: "p99 of small calls while 10 MB lists run",
			ours: `${short(median(p99(ours)))} ms`,
			against: `alone ${short(median(p99(alone)))} ms, beside a plain process ${short(median(p99(plain)))} ms`,
			value,
			unit: "×",
			target: { atMost: 2 },
			details: {
				ratiosToAlone: ratios(alone),
				ratiosToPlain: ratios(plain),
				listsPerS,
				ours,
				alone,
				plain,
			},
		},
	];
}
