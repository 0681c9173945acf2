import { existsSync } from "node:fs";
import { mkdir, mkdtemp, realpath, rm, symlink } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

const CACHE = join(
	process.env.XDG_CACHE_HOME || join(homedir(), ".cache"),
	"applyd-test",
);

/**
 * A folder that is made once and kept for all later runs. It stays where it is made, since a Python environment
 * cannot be moved; the link by which it is found is set when it is whole.
 */
export async function madeOnce(
	name: string,
	make: (folder: string) => Promise<unknown>,
	cache = CACHE,
): Promise<string> {
	const link = join(cache, name);
	if (existsSync(link)) return realpath(link);
	await mkdir(cache, { recursive: true });
	await rm(link, { force: true }); // it may lead to what was removed
	const folder = await mkdtemp(`${link}.`);
	try {
		await make(folder);
		await symlink(folder, link);
		return folder;
	} catch (error) {
		await rm(folder, { recursive: true, force: true });
		if (existsSync(link)) return realpath(link); // another run was quicker
		throw error;
	}
}
