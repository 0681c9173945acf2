import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Runtime } from "../registry/version.ts";

const NODE_ENTRY = fileURLToPath(
	new URL("../workers/node/process.js", import.meta.url),
);
const PYTHON_ENTRY = fileURLToPath(
	new URL("../workers/python/process.py", import.meta.url),
);
const PROTOCOL = fileURLToPath(new URL("../protocol", import.meta.url));
/** Variables that name files of certificates. */
const CERTIFICATES = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR"];
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
	/** What it reads besides, and must see from inside walls: files and folders, absolute. */
	reads: readonly string[];
	/** Folders of modules that find their packages in the folders above them. */
	modules: readonly string[];
	/** Where workers that share a process have their temporary folders; absent if it has none of its own. */
	workersTemp?: string;
	/** Its network is isolated: the socket through which it reaches the API. */
	apiSocket?: string;
	/**
	 * What is started starts another process, and tells on descriptor 3 which; `namespace`: it is the first of a
	 * process namespace.
	 */
	inner?: "process" | "namespace";
}

/** @param runtime what the version's code is written for */
export async function launchOf(
	runtime: Runtime,
	folder: string,
): Promise<Launch> {
	const env: Record<string, string> = {};
	for (const name of PASSED_ON) {
		const value = process.env[name];
		if (value !== undefined) env[name] = value;
	}
	const certificates = CERTIFICATES.flatMap((name) => env[name] ?? []);
	if (runtime.language === "python") {
		const { interpreter, installation } = await runtime.python;
		return {
			command: interpreter,
			// Nothing is written beside the sources. What is printed, by C code too, appears at once (api-contract §3.9) and is UTF-8.
			args: ["-B", "-u", "-X", "utf8", PYTHON_ENTRY],
			env: { ...env, PYTHONUNBUFFERED: "1", PYTHONUTF8: "1" },
			folder,
			reads: [...installation, dirname(PYTHON_ENTRY), ...certificates],
			modules: [],
		};
	}
	return {
		command: process.execPath,
		args: [QUIET, NODE_ENTRY],
		env,
		folder,
		reads: [process.execPath, dirname(NODE_ENTRY), PROTOCOL, ...certificates],
		modules: [dirname(NODE_ENTRY), folder],
	};
}
