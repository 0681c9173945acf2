import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { basePython } from "../registry/python.ts";

const run = promisify(execFile);

/** One fact a line. */
const QUESTION = [
	"import sys, importlib.util",
	"print(sys.executable)",
	"print('%d.%d' % sys.version_info[:2])",
	"print(all(map(importlib.util.find_spec, ('venv', 'ensurepip'))))",
].join("\n");

export interface Interpreter {
	/** Absolute path. */
	path: string;
	/** As `3.11`. */
	version: string;
	/** Whether it can make a venv with pip in it; Debian has that in a package of its own. */
	canMakeVenv: boolean;
}

/**
 * The Python that a version's venv is made with: `APPLYD_PYTHON`, else `python3` on the PATH.
 * @param folder where it is asked: a version manager such as pyenv decides by folder
 * @throws Error if it is not there or older than 3.9
 */
export async function findInterpreter(folder: string): Promise<Interpreter> {
	const python = basePython();
	const given = process.env.APPLYD_PYTHON;
	const must = given
		? `APPLYD_PYTHON is ${given}; it must be Python 3.9 or newer`
		: "python3 on the PATH must be Python 3.9 or newer, or APPLYD_PYTHON name another";
	const { stdout } = await run(python, ["-I", "-c", QUESTION], {
		cwd: folder,
	}).catch((error) => {
		const reason = String(error.stderr || error.message).split("\n")[0];
		throw new Error(
			`${must}; ${error.code === "ENOENT" ? "it is not there" : reason}`,
		);
	});
	const [path = "", version = "", canMakeVenv] = stdout.trim().split("\n");
	const [major = 0, minor = 0] = version.split(".").map(Number);
	if (major < 3 || (major === 3 && minor < 9))
		throw new Error(`${must}; it is ${version}`);
	return { path, version, canMakeVenv: canMakeVenv === "True" };
}

/** Whether `uv` can be run here; a shim of a version manager may be on the PATH and lead nowhere. */
export const hasUv = (folder: string): Promise<boolean> =>
	run("uv", ["--version"], { cwd: folder }).then(
		() => true,
		() => false,
	);
