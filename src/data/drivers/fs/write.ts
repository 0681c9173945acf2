import { open } from "node:fs/promises";
import type { Stored } from "../../driver.ts";
import type { Hashing } from "../../hashing.ts";
import { trailer } from "./trailer.ts";

/** Writes a new file, content and trailer, through to the disk. */
export async function writeSynced(
	path: string,
	content: Hashing,
): Promise<Stored> {
	const file = await open(path, "wx", 0o600);
	try {
		await file.writeFile(content.read());
		const stored = content.stored();
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
