import { readdir, readFile } from "node:fs/promises";

/** The process and all below it, as Linux tells; elsewhere the process alone. */
export async function treeOf(pid: number): Promise<number[]> {
	const found = [pid];
	for (const parent of found) found.push(...(await childrenOf(parent)));
	return found;
}

async function childrenOf(pid: number): Promise<number[]> {
	try {
		const threads = await readdir(`/proc/${pid}/task`);
		const lists = await Promise.all(
			threads.map((thread) =>
				readFile(`/proc/${pid}/task/${thread}/children`, "latin1"),
			),
		);
		return lists.flatMap((list) => list.split(" ").filter(Boolean).map(Number));
	} catch {
		return []; // it has ended
	}
}

/** What these processes hold together: a page that several share counts once. */
export async function heldMb(pids: readonly number[]): Promise<number> {
	let kilobytes = 0;
	for (const pid of pids) {
		const rollup = await readFile(`/proc/${pid}/smaps_rollup`, "latin1");
		const own = /^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1];
		if (own === undefined) throw new Error(`no Pss of process ${pid}`);
		kilobytes += Number(own);
	}
	return kilobytes / 1024;
}
