import { execFile } from "node:child_process";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Runtime } from "./version.ts";

const run = promisify(execFile);

const TELL =
	"import json,sys; print(json.dumps([sys.executable, sys.prefix, sys.base_prefix]))";

const found = new Map<string, Promise<string[]>>();

/**
 * The Python that runs the code of a folder: its own environment's, else `APPLYD_PYTHON`, else `python3` (interface §9).
 * An environment is the author's, so nothing of it is run or believed here: it is made of the interpreter that it
 * would be without it.
 */
export async function pythonOf(folder: string): Promise<Runtime> {
	const general = process.env.APPLYD_PYTHON ?? "python3";
	if (!found.has(general)) found.set(general, ask(general));
	const [executable = general, ...installation] = (await found.get(
		general,
	)) as string[];
	const own = join(folder, ".venv/bin/python");
	const interpreter = await access(own).then(
		() => own,
		() => executable,
	);
	return { language: "python", interpreter, installation };
}

/** @returns where it really is, maybe behind a shim, and what it is made of; nothing if it cannot be run */
async function ask(interpreter: string): Promise<string[]> {
	try {
		const { stdout } = await run(interpreter, ["-I", "-c", TELL]);
		const [executable = interpreter, ...prefixes] = JSON.parse(
			stdout,
		) as string[];
		return [executable, ...new Set(prefixes)];
	} catch {
		return [];
	}
}
