import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folders: string[] = [];

/** A new folder that is removed at the end of the run. */
export async function temporaryFolder(): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), "applyd-bench-"));
	folders.push(folder);
	return folder;
}

export function removeTemporaryFolders(): void {
	for (const folder of folders.splice(0))
		rmSync(folder, { recursive: true, force: true });
}
