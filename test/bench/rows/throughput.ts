import {
	type Contender,
	type ContenderName,
	SHOUT,
	startContender,
} from "../contenders/contenders.ts";
import type { Generator, Load } from "../load/load.ts";
import { median, short } from "../numbers.ts";
import type { Effort, Row, Target } from "../row.ts";

const ALL: ContenderName[] = ["applyd", "bare", "piscina", "applyd-process"];
const WARM_UP_SECONDS = 1.5;

interface Comparison {
	name: string;
	what: string;
	ours: ContenderName;
	against: ContenderName;
	target?: Target;
}

/** Calls of all contenders, one after the other in each round, so that what else the machine does meets all alike. */
async function measure(
	generator: Generator,
	effort: Effort,
	load: { bodyFile: string; connections: number },
	names = ALL,
): Promise<Record<ContenderName, Load[]>> {
	const contenders: Contender[] = [];
	for (const name of names) contenders.push(await startContender(name));
	const loads = Object.fromEntries(
		names.map((name) => [name, [] as Load[]]),
	) as Record<ContenderName, Load[]>;
	const run = ({ url, key }: Contender, seconds: number) =>
		generator.run({
			...load,
			url: url + SHOUT,
			seconds,
			...(key !== undefined && { key }),
		});
	for (const contender of contenders) await run(contender, WARM_UP_SECONDS);
	for (let round = 0; round < effort.rounds; round++)
		for (const contender of contenders)
			loads[contender.name].push(await run(contender, effort.seconds));
	for (const { child } of contenders) await child.end();
	return loads;
}

function compare(
	loads: Record<ContenderName, Load[]>,
	unit: string,
	comparisons: Comparison[],
): Row[] {
	const rates = (name: ContenderName) =>
		loads[name].map(({ callsPerS }) => callsPerS);
	return comparisons.map(({ name, what, ours, against, target }) => {
		const theirs = rates(against);
		const ratios = rates(ours).map((rate, i) => rate / (theirs[i] as number));
		return {
			name,
			what,
			ours: `${short(median(rates(ours)))} ${unit}`,
			against: `${against} ${short(median(theirs))} ${unit}`,
			value: median(ratios),
			unit: "×",
			...(target && { target }),
			details: { ratios, ours: loads[ours], against: loads[against] },
		};
	});
}

export async function singleCalls(
	generator: Generator,
	effort: Effort,
	bodyFile: string,
): Promise<Row[]> {
	const loads = await measure(generator, effort, { bodyFile, connections: 32 });
	const what = "single calls, 32 connections";
	return compare(loads, "calls/s", [
		{
			name: "single-bare",
			what,
			ours: "applyd",
			against: "bare",
			target: { atLeast: 1.2 },
		},
		{
			name: "single-piscina",
			what,
			ours: "applyd",
			against: "piscina",
			target: { atLeast: 2.5 },
		},
		{
			name: "single-process",
			what: `${what}, isolation process`,
			ours: "applyd-process",
			against: "bare",
		},
	]);
}

/** What it costs to know who calls. */
export async function keys(
	generator: Generator,
	effort: Effort,
	bodyFile: string,
): Promise<Row[]> {
	const load = { bodyFile, connections: 32 };
	const loads = await measure(generator, effort, load, [
		"applyd-keys",
		"applyd",
	]);
	return compare(loads, "calls/s", [
		{
			name: "keys",
			what: "single calls with keys, 32 connections",
			ours: "applyd-keys",
			against: "applyd",
			target: { atLeast: 0.95 },
		},
	]);
}

export async function lists(
	generator: Generator,
	effort: Effort,
	bodyFile: string,
): Promise<Row[]> {
	const loads = await measure(generator, effort, { bodyFile, connections: 8 });
	const what = "lists of 1000, 8 connections";
	return compare(loads, "lists/s", [
		{
			name: "lists-bare",
			what,
			ours: "applyd",
			against: "bare",
			target: { atLeast: 1.2 },
		},
		{ name: "lists-piscina", what, ours: "applyd", against: "piscina" },
		{
			name: "lists-process",
			what: `${what}, isolation process`,
			ours: "applyd-process",
			against: "bare",
		},
	]);
}
