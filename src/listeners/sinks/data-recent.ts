import type { PartsDirectory } from "./data-directory.ts";
import { nameAt } from "./data-part.ts";
import { LineIds } from "./line-ids.ts";

/** Brokers give what was not acknowledged again well within this. */
const RECENT_MS = 2 * 3_600_000;
const MAX_BYTES = 64 * 2 ** 20;
const MAX_IDS = 100_000;

/** Ids of the messages whose lines stand in the newest parts, by whomever they were written; the newest last. */
export async function recentIds(directory: PartsDirectory): Promise<string[]> {
	const parts: string[][] = [];
	let count = 0;
	let bytes = 0;
	for (const name of await recentParts(directory)) {
		if (bytes >= MAX_BYTES || count >= MAX_IDS) break;
		const found = await directory.get(name);
		const ids: string[] = [];
		parts.push(ids);
		const lineIds = new LineIds();
		for await (const chunk of (found?.stream ?? []) as AsyncIterable<Buffer>) {
			for (const id of lineIds.read(chunk)) ids.push(id);
			bytes += chunk.length;
			if (bytes >= MAX_BYTES) break;
		}
		count += ids.length;
	}
	return parts.reverse().flat();
}

/** The newest first. */
async function recentParts(directory: PartsDirectory): Promise<string[]> {
	const names: string[] = [];
	for await (const { name } of directory.parts(nameAt(Date.now() - RECENT_MS)))
		names.push(name);
	return names.reverse();
}
