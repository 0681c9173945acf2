import { open } from "node:fs/promises";
import type { Readable } from "node:stream";
import type { Stored } from "../../driver.ts";
import { Hashing } from "../../hashing.ts";
import { trailer } from "./trailer.ts";

/** Writes a new file, content and trailer, through to the disk. */
export async function writeSynced(
	path: string,
	content: Readable,
): Promise<Stored> {
	const hashing = new Hashing();
	const file = await open(path, "wx", 0o600);
	try {
		await file.writeFile(hashing.read(content));
		const stored = hashing.stored();
		await file.writeFile(trailer(stored.etag));
		await file.sync();
		return stored;
	} finally {
		await file.close();
	}
}

/** A name in a folder survives a crash once the folder itself has been written through. */
export async function syncFolder(path: string): Promise<void> {
	const folder = await open(path).catch((error: NodeJS.ErrnoException) => {
		if (error.code === "ENOENT") return undefined; // gone, and the name with it
		throw error;
	});
	try {
		await folder?.sync();
	} finally {
		await folder?.close();
	}
}
