import type { FileHandle } from "node:fs/promises";

/**
 * Behind the content of each file stands its MD5: content and ETag are one file, so a rename replaces both at once
 * and they cannot disagree. A file without it was not written by this driver.
 */
const MAGIC = "\napplyd-md5:";
export const TRAILER_BYTES = MAGIC.length + 32 + 1;

export const trailer = (md5Hex: string): string => `${MAGIC}${md5Hex}\n`;

/** @throws Error if the file has no trailer: it is damaged, or somebody else's */
export async function readTrailer(
	file: FileHandle,
	path: string,
): Promise<{ bytes: number; etag: string; modifiedMs: number }> {
	const { size, mtimeMs } = await file.stat();
	const bytes = size - TRAILER_BYTES;
	const found = Buffer.alloc(TRAILER_BYTES);
	if (bytes >= 0) await file.read(found, 0, TRAILER_BYTES, bytes);
	const text = found.toString("latin1");
	const etag = text.slice(MAGIC.length, -1);
	if (trailer(etag) !== text || !/^[\da-f]{32}$/.test(etag))
		throw new Error(
			`${path} does not end as a stored file does; it is damaged, or was not put there by applyd`,
		);
	return { bytes, etag, modifiedMs: mtimeMs };
}
