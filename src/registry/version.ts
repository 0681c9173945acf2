import { AlgoError } from "../errors.ts";
import type { Manifest } from "./manifest.ts";

/** What runs a version's code. */
export type Runtime =
	| { language: "node" }
	| {
			language: "python";
			/** It takes a moment to find out, which nobody waits for who calls something else. */
			python: Promise<Python>;
	  };

export interface Python {
	/** What runs the version. */
	interpreter: string;
	/** Folders and files that the interpreter is made of. */
	installation: readonly string[];
}

/** One version of one algorithm, as its folder stood when it was read. */
export interface Version {
	owner: string;
	name: string;
	version: string;
	numbers: readonly number[];
	visibility: "public" | "private";
	/** `owner/name/version` */
	ref: string;
	folder: string;
	/** Absolute path of the module; empty if `fault` is set. */
	entry: string;
	runtime: Runtime;
	manifest: Manifest;
	/** Why it cannot be run; its callers get this. */
	fault: AlgoError | undefined;
	/** Whether files of the folder have changed since: the next reading makes a new version object. */
	isStale: boolean;
}

/** A folder under a root that is no version at all: nobody can call it, `applyd check` and the log tell. */
export interface Stray {
	path: string;
	message: string;
}

export const loadingFault = (message: string): AlgoError =>
	new AlgoError("LOADING_FAILED", message);
