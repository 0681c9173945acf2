import { setImmediate as nextTurn } from "node:timers/promises";

/** So many names are sorted or merged between two turns of the event loop. */
const TURN = 8192;

/** Sorts by code units; a long list in several turns, so that nobody waits for all of it. */
export async function sortInTurns(names: string[]): Promise<string[]> {
	if (names.length <= TURN) return names.sort();
	const runs: string[][] = [];
	for (let start = 0; start < names.length; start += TURN) {
		runs.push(names.slice(start, start + TURN).sort());
		await nextTurn();
	}
	while (runs.length > 1) {
		const [a = [], b = []] = runs.splice(0, 2);
		runs.push(await merge(a, b));
	}
	return runs[0] as string[];
}

async function merge(a: string[], b: string[]): Promise<string[]> {
	const merged: string[] = [];
	let i = 0;
	let j = 0;
	while (i < a.length && j < b.length) {
		const left = a[i] as string;
		const right = b[j] as string;
		if (left <= right) {
			merged.push(left);
			i++;
		} else {
			merged.push(right);
			j++;
		}
		if (merged.length % TURN === 0) await nextTurn();
	}
	return merged.concat(a.slice(i), b.slice(j));
}
