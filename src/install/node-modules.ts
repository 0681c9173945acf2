import {
	access,
	copyFile,
	mkdir,
	rename,
	rm,
	utimes,
	writeFile,
} from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { digestOf, readText } from "../registry/dependencies.ts";
import { runTool } from "./command.ts";
import type { Installed, Tell } from "./installed.ts";
import { workNames } from "./leftovers.ts";

const MODULES = "node_modules";
/** In node_modules: what it was installed for. */
const MARK = ".applyd";
const LOCKS = ["npm-shrinkwrap.json", "package-lock.json"];
/** What `npm ci` runs of the package itself. */
const SCRIPTS = [
	"preinstall",
	"install",
	"postinstall",
	"prepublish",
	"preprepare",
	"prepare",
	"postprepare",
];

interface Package {
	dependencies?: Record<string, string>;
	devDependencies?: Record<string, string>;
	optionalDependencies?: Record<string, string>;
	peerDependencies?: Record<string, string>;
	scripts?: Record<string, string>;
	workspaces?: unknown;
}

/**
 * Brings the npm packages that a version declares into `node_modules`. They are installed aside, and take its
 * place at the end. No lock file is written: the folder is its author's.
 */
export async function installNodeModules(
	folder: string,
	tell: Tell,
): Promise<Installed> {
	const text = await readText(join(folder, "package.json"), "package.json");
	if (text === undefined) return "nothing";
	const declared = parse(text);
	const isBound = await needsFolder(folder, declared);
	const { dependencies, optionalDependencies, peerDependencies } = declared;
	const names = Object.keys({
		...dependencies,
		...optionalDependencies,
		...peerDependencies,
	});
	if (names.length === 0 && !isBound) return "nothing";

	const locks: string[] = [];
	for (const lock of LOCKS)
		locks.push((await readText(join(folder, lock), lock)) ?? "");
	const { platform, arch, versions } = process; // native packages are for these
	const digest = digestOf([text, ...locks, platform, arch, versions.modules]);
	const modules = join(folder, MODULES);
	if ((await readText(join(modules, MARK), MARK)) === digest)
		return "up to date";

	const args = locks.some(Boolean) ? ["ci"] : ["install", "--no-package-lock"];
	tell(`package.json, with npm ${args[0]}`);
	if (isBound) {
		await rm(join(modules, MARK), { force: true });
		await runNpm(args, folder);
		await mark(modules, digest);
		const now = new Date();
		await utimes(modules, now, now); // a server that watches the folder sees this
		return "installed";
	}
	const aside = join(folder, workNames.modules());
	await rm(aside, { recursive: true, force: true });
	await mkdir(aside);
	await writeFile(join(aside, ".gitignore"), "*\n");
	for (const name of ["package.json", ".npmrc", ...LOCKS])
		await copyFile(join(folder, name), join(aside, name)).catch((error) => {
			if (error.code !== "ENOENT") throw error;
		});
	await runNpm(args, aside);
	await mark(join(aside, MODULES), digest);
	await rename(modules, join(aside, "before")).catch((error) => {
		if (error.code !== "ENOENT") throw error;
	});
	await rename(join(aside, MODULES), modules);
	return "installed";
}

/** @throws Error saying what is wrong with it */
function parse(text: string): Package {
	try {
		return Object(JSON.parse(text));
	} catch (error) {
		throw new Error(`package.json: ${(error as Error).message}`);
	}
}

/** Whether it can be installed in its own folder only: what it names or runs lies there. */
async function needsFolder(
	folder: string,
	{
		dependencies,
		devDependencies,
		optionalDependencies,
		scripts = {},
		workspaces,
	}: Package,
): Promise<boolean> {
	const sources = [dependencies, devDependencies, optionalDependencies];
	return (
		workspaces !== undefined ||
		SCRIPTS.some((name) => name in scripts) ||
		sources
			.flatMap((packages) => Object.values(packages ?? {}))
			.some((source) => /^(?:file|link):|^[./~]/.test(source)) ||
		access(join(folder, "binding.gyp")).then(
			() => true,
			() => false,
		)
	);
}

function runNpm(args: string[], folder: string): Promise<void> {
	// Native packages are built for the Node that npm finds first: the workers' own.
	const PATH = [dirname(process.execPath), process.env.PATH].join(delimiter);
	return runTool(
		`npm ${args[0]}`,
		["npm", ...args, "--omit=dev", "--no-audit", "--no-fund"],
		{ cwd: folder, env: { ...process.env, PATH } },
	);
}

async function mark(modules: string, digest: string): Promise<void> {
	await mkdir(modules, { recursive: true });
	await writeFile(join(modules, MARK), digest);
}
