import { createHash } from "node:crypto";
import {
	cp,
	mkdir,
	readdir,
	readFile,
	readlink,
	symlink,
} from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { madeOnce } from "../clients/made-once.ts";
import { run } from "../clients/run.ts";
import { applyd } from "./process.ts";

const REQUIREMENTS = "requirements.txt";

/** Copies a root of algorithms without what was installed into it. */
export const copyAlgorithms = (root: string, copy: string): Promise<void> =>
	cp(root, copy, {
		recursive: true,
		filter: (path) => !/^(\.|node_modules$|__pycache__$)/.test(basename(path)),
	});

/**
 * Gives each version of a root the `.venv` that `applyd install` makes of its requirements.txt. It is made once
 * for all later runs with the same Python, and linked.
 * @returns the folder that the links lead to, which algorithms must be allowed to read
 */
export async function installOnce(root: string): Promise<string> {
	const files = (await readdir(root, { recursive: true }))
		.filter((path) => basename(path) === REQUIREMENTS)
		.sort();
	const hash = createHash("sha256").update(await run("python3", ["--version"]));
	for (const file of files)
		hash.update(`${file}\n`).update(await readFile(join(root, file)));
	const made = await madeOnce(
		`venvs-${hash.digest("hex").slice(0, 16)}`,
		async (folder) => {
			for (const file of files) {
				await mkdir(join(folder, dirname(file)), { recursive: true });
				await cp(join(root, file), join(folder, file));
			}
			const { code, stderr } = await applyd(
				["install", "--algorithms", folder],
				{ cwd: folder },
			);
			if (code !== 0) throw new Error(stderr);
		},
	);
	for (const version of files.map(dirname)) {
		const venv = await readlink(join(made, version, ".venv"));
		await symlink(join(made, version, venv), join(root, version, venv));
		await symlink(venv, join(root, version, ".venv"));
	}
	return made;
}
