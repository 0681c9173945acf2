import { rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type PythonNeeds, pythonNeeds } from "../registry/dependencies.ts";
import { VENV, venvOf } from "../registry/python.ts";
import { runTool } from "./command.ts";
import type { Installed, Tell } from "./installed.ts";
import { findInterpreter, hasUv, type Interpreter } from "./interpreter.ts";
import { workNames } from "./leftovers.ts";

/**
 * Brings the Python packages that a version declares into `.venv`. A venv cannot be moved, so each is made under
 * a name of its own, and `.venv` is a link to the one in force: until the last step the one before is.
 */
export async function installVenv(
	folder: string,
	tell: Tell,
): Promise<Installed> {
	const needs = await pythonNeeds(folder);
	if (!needs) return "nothing";
	const old = await venvOf(folder);
	if (old && old.name === undefined) {
		if (!old.isWhole)
			throw new Error(
				`${VENV} was not made by applyd install and has no bin/python; remove it, and run this again`,
			);
		tell(`${VENV} was not made by applyd install, and is left as it is`);
		return "up to date";
	}
	const python = await findInterpreter(folder);
	if (
		old?.isWhole &&
		old.digest === needs.digest &&
		old.python === python.version
	)
		return "up to date";
	const name = workNames.venv(python.version, needs.digest);
	// Only one whose interpreter is gone can have the name: it must not come into force half made.
	if (old?.name === name) await rm(join(folder, VENV));
	await rm(join(folder, name), { recursive: true, force: true });
	await make(folder, name, python, needs, tell);
	const link = join(folder, workNames.link(name));
	await symlink(name, link);
	await rename(link, join(folder, VENV));
	return "installed";
}

async function make(
	folder: string,
	name: string,
	python: Interpreter,
	{ file, packages }: PythonNeeds,
	tell: Tell,
): Promise<void> {
	const tool = (await hasUv(folder)) ? "uv" : "pip";
	tell(`${file}, with ${tool} for Python ${python.version}`);
	const own = join(folder, name, "bin/python");
	const commands =
		tool === "uv"
			? uvCommands(python, name, own)
			: pipCommands(python, name, own);
	await runTool(`${tool}: making a venv`, commands.make, { cwd: folder });
	await runTool(`${tool} install`, [...commands.install, ...packages], {
		cwd: folder,
	});
	await writeFile(join(folder, name, ".gitignore"), "*\n"); // as Python 3.13 and uv do
}

interface Commands {
	make: string[];
	/** The packages follow. */
	install: string[];
}

const uvCommands = (
	{ path }: Interpreter,
	name: string,
	own: string,
): Commands => ({
	make: ["uv", "venv", "--quiet", "--no-project", "--python", path, name],
	install: ["uv", "pip", "install", "--python", own, "--compile-bytecode"],
});

/**
 * With -I neither the algorithm's own modules nor those of PYTHONPATH stand in for pip's, or count as installed.
 * @throws Error if this Python cannot
 */
function pipCommands(
	{ path, canMakeVenv }: Interpreter,
	name: string,
	own: string,
): Commands {
	if (!canMakeVenv)
		throw new Error(
			`${path} has no ensurepip, which a venv needs; on Debian and Ubuntu: apt install python3-venv`,
		);
	const quiet = ["--no-input", "--disable-pip-version-check"];
	return {
		make: [path, "-I", "-m", "venv", name],
		// A pip.conf that asks for --user would fail in a venv.
		install: [own, "-I", "-m", "pip", "install", "--no-user", ...quiet],
	};
}
