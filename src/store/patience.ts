import { setTimeout as sleep } from "node:timers/promises";

/** How long another process may keep the file locked before that is an error. */
const MAX_WAIT_MS = 5000;
const RETRY_MS = 20;

/** SQLite's result codes, without what the extended ones add above them. */
const Code = {
	BUSY: 5,
	LOCKED: 6,
	CORRUPT: 11,
	FULL: 13,
	NOT_A_DATABASE: 26,
} as const;

/** Tries until the file is free. @throws Error naming the file, when the time is up or for any other reason of SQLite's */
export async function patiently<T>(file: string, work: () => T): Promise<T> {
	const end = performance.now() + MAX_WAIT_MS;
	for (;;) {
		try {
			return work();
		} catch (error) {
			const { errcode, message } = error as { errcode?: number } & Error;
			if (errcode === undefined) throw error;
			const code = errcode & 0xff;
			const isLocked = code === Code.BUSY || code === Code.LOCKED;
			if (!isLocked) throw faultOf(file, code, message);
			if (performance.now() > end)
				throw new Error(
					`${file} is locked by another process for more than ${MAX_WAIT_MS / 1000} s; try again, or end that process`,
				);
		}
		await sleep(RETRY_MS);
	}
}

function faultOf(file: string, code: number, message: string): Error {
	if (code === Code.FULL)
		return new Error(
			`${file} cannot be written: its disk is full; delete something, or give it more room`,
		);
	return code === Code.CORRUPT || code === Code.NOT_A_DATABASE
		? damaged(file, message)
		: new Error(
				`${file}: ${message}; its folder must be writable, or name another with --state`,
			);
}

export const damaged = (file: string, how: string): Error =>
	new Error(
		`${file} is damaged and was left as it is: ${how.replaceAll("\n", " ")}; put back a copy that is whole, move it away to begin with an empty one, or name another folder with --state`,
	);
