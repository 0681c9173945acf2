import { execFile } from "node:child_process";
import { access, lstat, readlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { Python } from "./version.ts";

const run = promisify(execFile);

/** Where a version's Python packages are, in its folder. */
export const VENV = ".venv";
const PYTHON_OF_VENV = "bin/python";

/**
 * The name of a venv that `applyd install` made: its Python, what it was made for, and the process that made it.
 * `.venv` is a link to the one in force.
 */
const MADE = /^\.venv-(?<python>\d+\.\d+)-(?<digest>[0-9a-f]{12})-(?<pid>\d+)$/;

/** What stands at `.venv`. */
export interface Venv {
	/** Of the folder that `.venv` links to; nothing if a person made `.venv`. */
	name: string | undefined;
	/** As `3.11`. */
	python: string | undefined;
	/** Of what the version declared when it was made. */
	digest: string | undefined;
	/** Whether its interpreter is there: the Python that it was made with may be gone. */
	isWhole: boolean;
}

/** The Python of versions that have none of their own: what `APPLYD_PYTHON` names, else `python3` on the PATH. */
export function basePython(): string {
	const python = process.env.APPLYD_PYTHON || "python3";
	return python.includes("/") ? resolve(python) : python;
}

/**
 * The interpreter that runs a version (interface §9): its venv's, else that of all.
 * @param folder the version's
 * @returns an absolute path, or a name to be found on the PATH
 */
export async function pythonOf(folder: string): Promise<string> {
	const own = join(folder, VENV, PYTHON_OF_VENV);
	return (await isThere(own)) ? own : basePython();
}

/**
 * A venv is the author's, so nothing of it is run or believed here: it is made of the Python of all, or does not run
 * behind walls.
 */
export async function findPython(folder: string): Promise<Python> {
	const interpreter = await pythonOf(folder);
	const base = basePython();
	if (!asked.has(base)) asked.set(base, ask(base));
	const { executable, installation } = (await asked.get(base)) as Installation;
	return {
		interpreter: interpreter === base ? executable : interpreter,
		installation,
	};
}

interface Installation {
	/** Where it really is, maybe behind a shim. */
	executable: string;
	/** The folders that it is made of. */
	installation: readonly string[];
}

const asked = new Map<string, Promise<Installation>>();

const TELL =
	"import json, sys; print(json.dumps([sys.executable, sys.prefix, sys.base_prefix]))";

async function ask(python: string): Promise<Installation> {
	try {
		const { stdout } = await run(python, ["-I", "-c", TELL]);
		const [executable = python, ...prefixes] = JSON.parse(stdout) as string[];
		return { executable, installation: [...new Set(prefixes)] };
	} catch {
		return { executable: python, installation: [] }; // whoever starts it will say why
	}
}

/** @returns nothing if the version's folder has no `.venv` */
export async function venvOf(folder: string): Promise<Venv | undefined> {
	const path = join(folder, VENV);
	const stats = await lstat(path).catch(() => undefined);
	if (!stats) return undefined;
	const target = stats.isSymbolicLink() ? await readlink(path) : "";
	const made = MADE.exec(target)?.groups;
	return {
		name: made && target,
		python: made?.python,
		digest: made?.digest,
		isWhole: await isThere(join(path, PYTHON_OF_VENV)),
	};
}

const isThere = (path: string): Promise<boolean> =>
	access(path).then(
		() => true,
		() => false,
	);
