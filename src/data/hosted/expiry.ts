import type { Driver } from "../driver.ts";
import { pagesOf } from "../pages.ts";

const DAY_MS = 86_400_000;
const EVERY_MS = 900_000;

/**
 * Removes in the background what is older than a day: files of `.algo/…/temp`, and what is left of sessions whose
 * server was killed (api-contract §5.2).
 * @param onFault told what went wrong; the next round tries again
 * @returns what stops it
 */
export function startExpiry(
	driver: Driver,
	onFault: (error: unknown) => void,
): () => void {
	let isRunning = false;
	const round = async () => {
		if (isRunning) return;
		isRunning = true;
		await expire(driver, Date.now() - DAY_MS).catch(onFault);
		isRunning = false;
	};
	const timer = setInterval(round, EVERY_MS).unref();
	return () => clearInterval(timer);
}

/** @param beforeMs what was last changed before then goes */
export async function expire(driver: Driver, beforeMs: number): Promise<void> {
	for await (const account of foldersOf(driver, "session"))
		for await (const session of foldersOf(driver, account))
			await expireFiles(driver, session, beforeMs);
	for await (const account of foldersOf(driver, "algo"))
		for await (const author of foldersOf(driver, account))
			for await (const algorithm of foldersOf(driver, author))
				await expireFiles(driver, `${algorithm}/temp`, beforeMs);
}

async function* foldersOf(
	driver: Driver,
	folder: string,
): AsyncGenerator<string> {
	for await (const { folders } of pagesOf(driver, folder))
		for (const name of folders) yield `${folder}/${name}`;
}

async function expireFiles(
	driver: Driver,
	folder: string,
	beforeMs: number,
): Promise<void> {
	for await (const { files } of pagesOf(driver, folder)) {
		const old = files.filter(({ modifiedMs }) => modifiedMs < beforeMs);
		if (old.length > 0)
			await driver.delete(old.map(({ name }) => `${folder}/${name}`));
	}
}
