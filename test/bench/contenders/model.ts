import { readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { spawnChild } from "../children.ts";
import { orLeftOut } from "../left-out.ts";
import { applydFlags } from "./contenders.ts";
import { ALGORITHMS, BIN } from "./places.ts";
import { pythonVersion } from "./python.ts";

const FOLDER = join(ALGORITHMS, "bench/Model/1.0.0");
const FORKED_FOLDER = join(ALGORITHMS, "bench/Model/1.0.1");
const VENV = ".venv";

export interface Model {
	python: string;
	/** The statements with which it begins. */
	imports: string;
}

/**
 * Installs what bench/Model needs; both its versions use it.
 * @throws LeftOut it cannot be had
 */
export async function installModel(): Promise<Model> {
	await pythonVersion();
	const flags = await applydFlags();
	const args = [BIN, "install", "bench/Model/1.0.0", ...flags];
	const env = { PIP_QUIET: "1" };
	await orLeftOut(spawnChild(process.execPath, args, { env }).output());
	await symlink(join(FOLDER, VENV), join(FORKED_FOLDER, VENV)).catch(
		(error) => {
			if (error.code !== "EEXIST") throw error;
		},
	);
	const source = await readFile(join(FOLDER, "index.py"), "utf8");
	return {
		python: join(FOLDER, VENV, "bin/python"),
		imports: source.match(/^import .*$/gm)?.join("\n") ?? "",
	};
}
