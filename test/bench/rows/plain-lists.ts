import { join, resolve } from "node:path";
import { forkChild, spawnChild } from "../children.ts";
import {
	type ContenderName,
	startContender,
} from "../contenders/contenders.ts";
import { CONTENDERS, PYTHON_SHOUT_FOLDER } from "../contenders/places.ts";
import type { Generator } from "../load/load.ts";
import { median, short } from "../numbers.ts";
import type { Payloads } from "../payloads.ts";
import type { Effort, Row, Target } from "../row.ts";

const WARM_UP_CALLS = 15;

interface ListRow {
	name: string;
	what: string;
	ours: ContenderName;
	bodyFile: string;
	/** Of the call. */
	query?: string;
	/** In a round. */
	calls: number;
	target?: Target;
}

/** Makes lists in a plain script; gives the milliseconds that each took. */
type Plain = (warmUp: number, calls: number) => Promise<number[]>;

/** One call with 100 000 items over HTTP, as one input and item by item, against the same work in a plain script on the same bytes. */
export async function longList(
	generator: Generator,
	effort: Effort,
	bodyFile: string,
): Promise<Row[]> {
	const script = resolve(CONTENDERS, "plain-lists.ts");
	const child = forkChild(script, [bodyFile]);
	await child.message();
	const plain: Plain = async (warmUp, calls) => {
		child.send(warmUp + calls);
		return ((await child.message()) as number[]).slice(warmUp);
	};
	const common = { ours: "applyd" as const, bodyFile, calls: 5 };
	const rows = [
		await against(plain, generator, effort, {
			...common,
			name: "long-list",
			what: "one call with 100 000 items, native",
			target: { atLeast: 0.85 },
		}),
		await against(plain, generator, effort, {
			...common,
			name: "long-list-serial",
			what: "one call with 100 000 items, fan-out serial",
			query: "?batch=serial",
			target: { atLeast: 0.6 },
		}),
	];
	await child.end();
	return rows;
}

/** One call with 1000 items, and one with 100 000, against a plain loop with `json` in and out. */
export async function pythonLists(
	generator: Generator,
	effort: Effort,
	files: Payloads,
): Promise<Row[]> {
	const rows: ListRow[] = [
		{
			name: "python-list",
			what: "one call of Python with 1000 items",
			ours: "applyd-python",
			bodyFile: files.list,
			calls: 200,
			target: { atLeast: 0.9 },
		},
		{
			name: "python-long-list",
			what: "one call of Python with 100 000 items",
			ours: "applyd-python",
			bodyFile: files.longList,
			calls: 5,
		},
	];
	const measured: Row[] = [];
	for (const row of rows) {
		const script = join(CONTENDERS, "plain_lists.py");
		const plain: Plain = async (warmUp, calls) => {
			const args = [row.bodyFile, warmUp, calls].map(String);
			const child = spawnChild("python3", ["-B", script, ...args], {
				env: { PYTHONPATH: PYTHON_SHOUT_FOLDER },
			});
			return JSON.parse(await child.output());
		};
		measured.push(await against(plain, generator, effort, row));
	}
	return measured;
}

async function against(
	plain: Plain,
	generator: Generator,
	effort: Effort,
	{ name, what, ours, bodyFile, query = "", calls, target }: ListRow,
): Promise<Row> {
	const { child, shoutUrl } = await startContender(ours);
	const call = async (calls: number) => {
		const plan = {
			url: shoutUrl + query,
			bodyFile,
			connections: 1,
			seconds: 60,
			calls,
		};
		return median((await generator.report(plan)).latenciesMs);
	};
	await call(WARM_UP_CALLS);
	const oursMs: number[] = [];
	const plainMs: number[] = [];
	for (let round = 0; round < effort.rounds; round++) {
		oursMs.push(await call(calls));
		plainMs.push(median(await plain(WARM_UP_CALLS, calls)));
	}
	await child.end();
	const ratios = oursMs.map((ms, i) => (plainMs[i] as number) / ms);
	return {
		name,
		what,
		ours: `${short(median(oursMs))} ms`,
		against: `plain script ${short(median(plainMs))} ms`,
		value: median(ratios),
		unit: "×",
		...(target && { target }),
		details: { ratios, oursMs, plainMs },
	};
}
