import { delimiter, resolve } from "node:path";
import { observe, type Seen } from "../run.ts";

const PYTHON = resolve(import.meta.dirname, "../../../src/workers/python");

/** The kit that every Python algorithm gets. */
export const KIT = resolve(PYTHON, "lib");

/** The kit, and the client for those that have none. */
export const KIT_AND_SHIM = [KIT, resolve(PYTHON, "fallback")].join(delimiter);

/** Runs a script of this folder with the client that applyd brings. */
export const observeShim = (
	name: string,
	env: NodeJS.ProcessEnv,
): Promise<Seen> =>
	observe("python3", [resolve(import.meta.dirname, name)], {
		...env,
		PYTHONPATH: KIT_AND_SHIM,
	});
