import type { Driver } from "../data/driver.ts";
import { pagesOf } from "../data/pages.ts";
import type { Store } from "../store/store.ts";
import { JobFiles } from "./job-files.ts";

const EVERY_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** A job's files come before its row: those that are new may belong to one that is being made. */
const MIN_ORPHAN_MS = DAY_MS;

export interface RetentionOptions {
	store: Store;
	/** Of all jobs. */
	files: Driver;
	/** Finished jobs are kept so long; 0: for ever. */
	days: number;
	/** Told what went wrong; the next round tries again. */
	onFault(error: unknown): void;
}

/** Removes what nobody needs any more, at once and then every hour. @returns what stops it */
export function startRetention(options: RetentionOptions): () => void {
	let isRunning = false;
	const round = async () => {
		if (isRunning) return;
		isRunning = true;
		await clean(options, Date.now()).catch(options.onFault);
		isRunning = false;
	};
	const timer = setInterval(round, EVERY_MS).unref();
	void round();
	return () => clearInterval(timer);
}

/** Removes jobs that finished long ago, and files that no job has. */
export async function clean(
	{ store, files, days }: Omit<RetentionOptions, "onFault">,
	nowMs: number,
): Promise<void> {
	if (days > 0)
		for (const id of await store.jobs.finishedBefore(
			new Date(nowMs - days * DAY_MS),
		))
			if (await store.jobs.remove(id))
				await new JobFiles(files, id).removeAll();
	for await (const { folders } of pagesOf(files, ""))
		for (const id of folders)
			if (await isOrphan(id, store, files, nowMs))
				await new JobFiles(files, id).removeAll();
}

async function isOrphan(
	id: string,
	store: Store,
	files: Driver,
	nowMs: number,
): Promise<boolean> {
	if (await store.jobs.find(id)) return false;
	const input = await files.head(`${id}/input`);
	return input === undefined || input.modifiedMs < nowMs - MIN_ORPHAN_MS;
}
