import { resolve } from "node:path";
import { observe, type Seen } from "../run.ts";

/** Runs a script of this folder. */
export const observeNpm = (
	name: string,
	env: NodeJS.ProcessEnv,
): Promise<Seen> =>
	observe(process.execPath, [resolve(import.meta.dirname, name)], env);
