import type { Dirent } from "node:fs";
import { access, readdir, readFile, realpath, stat } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { missingPackages } from "./dependencies.ts";
import { type Manifest, parseManifest } from "./manifest.ts";
import {
	MAX_NAME_LENGTH,
	MAX_OWNER_LENGTH,
	nameFault,
	versionFault,
} from "./names.ts";
import { findPython } from "./python.ts";
import { loadingFault, type Stray, type Version } from "./version.ts";

/** Where an algorithm starts, if its manifest does not say (interface §3). */
const entryNames = (name: string): string[] => [
	"index.ts",
	"index.js",
	"index.mjs",
	"index.cjs",
	"index.py",
	`src/${name}.py`,
	`src/${name}.js`,
];

export interface Scan {
	versions: Version[];
	strays: Stray[];
}

/** Told of every folder before it is read, so that no change after the reading is missed. */
export type OnFolder = (path: string, version: string | undefined) => void;

/**
 * Reads a root: OWNER/NAME/VERSION.
 * @param known versions of an earlier scan by folder; those that are not stale are kept as they are
 */
export async function scanRoot(
	root: string,
	known: ReadonlyMap<string, Version>,
	onFolder: OnFolder,
): Promise<Scan> {
	const realRoot = await realpath(root);
	const scan: Scan = { versions: [], strays: [] };
	onFolder(root, undefined);
	const levels = [
		(name: string) => nameFault(name, MAX_OWNER_LENGTH),
		(name: string) => nameFault(name, MAX_NAME_LENGTH),
		versionFault,
	];
	const visit = async (folder: string, names: string[]): Promise<void> => {
		const faultOf = levels[names.length] ?? versionFault;
		for (const entry of await readdir(folder, { withFileTypes: true })) {
			if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
			const path = join(folder, entry.name);
			if (!(await isFolder(entry, path))) continue;
			const fault =
				faultOf(entry.name) ?? (await leavesRoot(entry, path, realRoot));
			if (fault) {
				scan.strays.push({
					path,
					message: `${JSON.stringify(entry.name)} ${fault}`,
				});
				continue;
			}
			const below = [...names, entry.name];
			if (below.length < levels.length) {
				onFolder(path, undefined);
				await visit(path, below);
			} else {
				const old = known.get(path);
				scan.versions.push(
					old && !old.isStale
						? old
						: await readVersion(path, below, realRoot, onFolder),
				);
			}
		}
	};
	await visit(root, []);
	return scan;
}

async function readVersion(
	folder: string,
	names: string[],
	realRoot: string,
	onFolder: OnFolder,
): Promise<Version> {
	const [owner = "", name = "", version = ""] = names;
	await visitFolders(folder, (path) => onFolder(path, folder));
	const found = await readManifest(folder);
	const manifest = "manifest" in found ? found.manifest : {};
	const ref = names.join("/");
	let entry =
		"fault" in found
			? found
			: await findEntry(folder, name, manifest, realRoot);
	if ("path" in entry && entry.path.endsWith(".py")) {
		const fault = await missingPackages(folder, ref);
		if (fault) entry = { fault };
	}
	return {
		owner,
		name,
		version,
		numbers: version.split(".").map(Number),
		visibility: manifest.visibility ?? "public",
		ref,
		folder,
		entry: "path" in entry ? entry.path : "",
		runtime:
			"path" in entry && entry.path.endsWith(".py")
				? { language: "python", python: findPython(folder) }
				: { language: "node" },
		manifest,
		fault: "fault" in entry ? loadingFault(entry.fault) : undefined,
		isStale: false,
	};
}

async function readManifest(
	folder: string,
): Promise<{ manifest: Manifest } | { fault: string }> {
	let text: string;
	try {
		text = await readFile(join(folder, "algorithm.json"), "utf8");
	} catch (error) {
		const { code, message } = error as NodeJS.ErrnoException;
		return code === "ENOENT"
			? { manifest: {} }
			: { fault: `algorithm.json cannot be read: ${message}` };
	}
	const parsed = parseManifest(text);
	return "fault" in parsed
		? { fault: `algorithm.json: ${parsed.fault}` }
		: parsed;
}

async function findEntry(
	folder: string,
	name: string,
	manifest: Manifest,
	realRoot: string,
): Promise<{ path: string } | { fault: string }> {
	const names =
		manifest.entry === undefined ? entryNames(name) : [manifest.entry];
	for (const candidate of names) {
		const path = resolve(folder, candidate);
		const isThere = await access(path).then(
			() => true,
			() => false,
		);
		if (!isThere) continue;
		if (!isInside(await realpath(path), realRoot))
			return { fault: `${candidate} leads out of the algorithms root` };
		if (!/\.([cm]?[jt]s|py)$/.test(candidate))
			return {
				fault: `${candidate}: only JavaScript, TypeScript and Python can be run`,
			};
		return { path };
	}
	return manifest.entry === undefined
		? {
				fault: `no entry: none of ${names.join(", ")} is there, and algorithm.json names none`,
			}
		: {
				fault: `algorithm.json: "entry" names ${manifest.entry}, which is not there`,
			};
}

async function isFolder(entry: Dirent, path: string): Promise<boolean> {
	if (!entry.isSymbolicLink()) return entry.isDirectory();
	return stat(path).then(
		(target) => target.isDirectory(),
		() => false,
	);
}

async function leavesRoot(
	entry: Dirent,
	path: string,
	realRoot: string,
): Promise<string | undefined> {
	if (!entry.isSymbolicLink() || isInside(await realpath(path), realRoot))
		return undefined;
	return "is a symbolic link that leads out of the algorithms root";
}

const isInside = (path: string, folder: string): boolean =>
	path === folder || path.startsWith(folder + sep);

/** The folder and those below it that can hold source; dependencies and caches are left out. */
async function visitFolders(
	folder: string,
	onEach: (path: string) => void,
): Promise<void> {
	onEach(folder);
	for (const entry of await readdir(folder, { withFileTypes: true })) {
		if (
			entry.isDirectory() &&
			!/^(\.|node_modules$|__pycache__$|venv$)/.test(entry.name)
		)
			await visitFolders(join(folder, entry.name), onEach);
	}
}
