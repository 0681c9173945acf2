import {
	type Contender,
	type ContenderName,
	startContender,
} from "../contenders/contenders.ts";
import { unlessLeftOut } from "../left-out.ts";
import type { Generator, Load } from "../load/load.ts";
import { median, short } from "../numbers.ts";
import type { Effort, Row, Target } from "../row.ts";

const WARM_UP_SECONDS = 1.5;

export interface Comparison {
	name: string;
	what: string;
	ours: ContenderName;
	against: ContenderName;
	target?: Target;
}

/** What each contender did in each round. */
export type Loads = ReadonlyMap<ContenderName, Load[]>;

/** Calls of all contenders that can be had, one after the other in each round, so that what else the machine does meets all alike. */
export async function measure(
	generator: Generator,
	effort: Effort,
	load: { bodyFile: string; connections: number },
	names: readonly ContenderName[],
): Promise<Loads> {
	const contenders: Contender[] = [];
	for (const name of names) {
		const contender = await unlessLeftOut(name, startContender(name));
		if (contender) contenders.push(contender);
	}
	const loads = new Map(contenders.map(({ name }) => [name, [] as Load[]]));
	const run = ({ shoutUrl, key }: Contender, seconds: number) =>
		generator.run({
			...load,
			url: shoutUrl,
			seconds,
			...(key !== undefined && { key }),
		});
	for (const contender of contenders) await run(contender, WARM_UP_SECONDS);
	for (let round = 0; round < effort.rounds; round++)
		for (const contender of contenders)
			loads.get(contender.name)?.push(await run(contender, effort.seconds));
	for (const { child } of contenders) await child.end();
	return loads;
}

/** The comparisons of contenders that were there. */
export function compare(
	loads: Loads,
	unit: string,
	comparisons: Comparison[],
): Row[] {
	return comparisons.flatMap(({ name, what, ours, against, target }) => {
		const our = loads.get(ours);
		const their = loads.get(against);
		if (!our || !their) return [];
		const rates = our.map(({ callsPerS }) => callsPerS);
		const theirs = their.map(({ callsPerS }) => callsPerS);
		const ratios = rates.map((rate, i) => rate / (theirs[i] as number));
		return {
			name,
			what,
			ours: `${short(median(rates))} ${unit}`,
			against: `${against} ${short(median(theirs))} ${unit}`,
			value: median(ratios),
			unit: "×",
			...(target && { target }),
			details: { ratios, ours: our, against: their },
		};
	});
}
