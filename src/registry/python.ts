import { access } from "node:fs/promises";
import { join } from "node:path";

/** The Python that runs the code of a folder: its own environment's, else `APPLYD_PYTHON`, else `python3` (interface §9). */
export async function pythonOf(folder: string): Promise<string> {
	const own = join(folder, ".venv/bin/python");
	return access(own).then(
		() => own,
		() => process.env.APPLYD_PYTHON ?? "python3",
	);
}
