import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

export const MODULE = "export const apply = (input) => input;\n";

/** Files by path; a version's folder stands for one with a module. */
export type Tree = Record<string, string>;

/** A new folder with these files, gone when the test is over. */
export async function makeRoot(tree: Tree = {}): Promise<string> {
	const root = await realpath(await mkdtemp(join(tmpdir(), "applyd-root-")));
	onTestFinished(() => rm(root, { recursive: true, force: true }));
	await write(root, tree);
	return root;
}

export async function write(root: string, tree: Tree): Promise<void> {
	for (const [path, text] of Object.entries(tree)) {
		await mkdir(dirname(join(root, path)), { recursive: true });
		await writeFile(join(root, path), text);
	}
}
