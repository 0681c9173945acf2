import { PEERS } from "../contenders/peers.ts";
import { pythonVersion } from "../contenders/python.ts";
import type { Generator } from "../load/load.ts";
import type { Effort, Row } from "../row.ts";
import { compare, measure } from "./rounds.ts";

const TARGETS = { mosec: 2, fastapi: 4, litserve: 10, bentoml: 10 };

/** Single calls of a Python algorithm, against servers that people use for the same. */
export async function pythonCalls(
	generator: Generator,
	effort: Effort,
	bodyFile: string,
): Promise<Row[]> {
	const python = await pythonVersion();
	const peers = Object.keys(TARGETS) as (keyof typeof TARGETS)[];
	const load = { bodyFile, connections: 32 };
	const loads = await measure(generator, effort, load, [
		"applyd-python",
		...peers,
	]);
	return peers.flatMap((against) => {
		const rows = compare(loads, "calls/s", [
			{
				name: `python-${against}`,
				what: "single calls of Python, 32 connections",
				ours: "applyd-python",
				against,
				target: { atLeast: TARGETS[against] },
			},
		]);
		const { packages } = PEERS[against];
		return rows.map((row) => ({
			...row,
			details: { ...row.details, python, packages },
		}));
	});
}
