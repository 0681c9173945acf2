import type { ContenderName } from "../contenders/contenders.ts";
import type { Generator } from "../load/load.ts";
import type { Effort, Row } from "../row.ts";
import { compare, measure } from "./rounds.ts";

const ALL: ContenderName[] = ["applyd", "bare", "piscina", "applyd-process"];

export async function singleCalls(
	generator: Generator,
	effort: Effort,
	bodyFile: string,
): Promise<Row[]> {
	const load = { bodyFile, connections: 32 };
	const loads = await measure(generator, effort, load, ALL);
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
	const load = { bodyFile, connections: 8 };
	const loads = await measure(generator, effort, load, ALL);
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
