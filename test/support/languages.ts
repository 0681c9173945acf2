import { resolve } from "node:path";
import { FIXTURES } from "./app.ts";

export const PYTHON_FIXTURES = resolve(
	import.meta.dirname,
	"../fixtures/python",
);

export interface Language {
	language: "JavaScript" | "Python";
	/** The name of its modules. */
	module: string;
	/** The roots of its fixtures. */
	algorithms: string[];
}

/** The same fixtures in each language: what callers see does not depend on it. */
export const LANGUAGES: Language[] = [
	{ language: "JavaScript", module: "index.mjs", algorithms: [FIXTURES] },
	{ language: "Python", module: "index.py", algorithms: [PYTHON_FIXTURES] },
];
