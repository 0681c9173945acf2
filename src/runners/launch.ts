import { fileURLToPath } from "node:url";
import type { Runtime } from "../registry/version.ts";

const NODE_ENTRY = fileURLToPath(
	new URL("../workers/node/process.js", import.meta.url),
);
const PYTHON_ENTRY = fileURLToPath(
	new URL("../workers/python/process.py", import.meta.url),
);
/** An algorithm needs no package.json to be an ES module: that Node has to look twice is no author's fault. */
const QUIET = "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON";

/** What author code may see of our environment (api-contract §11.8): nothing that could be a secret of the server. */
const PASSED_ON = [
	"PATH",
	"HOME",
	"LANG",
	"LC_ALL",
	"LC_CTYPE",
	"TZ",
	"TMPDIR",
	"NODE_ENV",
	"NODE_EXTRA_CA_CERTS",
	"SSL_CERT_FILE",
	"SSL_CERT_DIR",
	"HTTP_PROXY",
	"HTTPS_PROXY",
	"NO_PROXY",
	"http_proxy",
	"https_proxy",
	"no_proxy",
];

/** How a worker process is started. */
export interface Launch {
	command: string;
	args: readonly string[];
	env: Readonly<Record<string, string>>;
	/** The working directory: the version's folder. */
	folder: string;
}

/** @param runtime what the version's code is written for */
export function launchOf(runtime: Runtime, folder: string): Launch {
	const env: Record<string, string> = {};
	for (const name of PASSED_ON) {
		const value = process.env[name];
		if (value !== undefined) env[name] = value;
	}
	if (runtime.language === "python")
		return {
			command: runtime.interpreter,
			// Nothing is written beside the sources. What is printed, by C code too, appears at once (api-contract §3.9) and is UTF-8.
			args: ["-B", "-u", "-X", "utf8", PYTHON_ENTRY],
			env: { ...env, PYTHONUNBUFFERED: "1", PYTHONUTF8: "1" },
			folder,
		};
	return {
		command: process.execPath,
		args: [QUIET, NODE_ENTRY],
		env,
		folder,
	};
}
