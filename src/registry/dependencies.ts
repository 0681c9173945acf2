import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { projectDependencies } from "./pyproject.ts";
import { venvOf } from "./python.ts";

/** The Python packages that a version declares. */
export interface PythonNeeds {
	/** Where it says so; a requirements.txt wins. */
	file: "requirements.txt" | "pyproject.toml";
	/** The arguments of `pip install`, in the version's folder. */
	packages: string[];
	/** 12 hexadecimal digits of the hash of all that is declared. */
	digest: string;
}

/** @throws Error if a file cannot be read, with its name */
export async function pythonNeeds(
	folder: string,
): Promise<PythonNeeds | undefined> {
	const file = "requirements.txt";
	const requirements = await readText(join(folder, file), file);
	if (requirements !== undefined) {
		if (!/^\s*[^#\s]/m.test(requirements)) return undefined;
		const texts = await withIncluded(join(folder, file), requirements);
		return { file, packages: ["-r", file], digest: digestOf(texts) };
	}
	const project = "pyproject.toml";
	const toml = await readText(join(folder, project), project);
	let names: string[];
	try {
		names = projectDependencies(toml ?? "");
	} catch (error) {
		throw new Error(`${project}: ${(error as Error).message}`);
	}
	if (names.length === 0) return undefined;
	return { file: project, packages: ["--", ...names], digest: digestOf(names) };
}

/** Why a version in Python cannot run: what it declares is not there. */
export async function missingPackages(
	folder: string,
	ref: string,
): Promise<string | undefined> {
	let needs: PythonNeeds | undefined;
	try {
		needs = await pythonNeeds(folder);
	} catch (error) {
		return (error as Error).message;
	}
	if (!needs || (await venvOf(folder))?.isWhole) return undefined;
	return `needs what ${needs.file} names, which is not installed; run: applyd install ${ref}`;
}

/** What the author should know of a version's Python packages, though it runs: it declares others now. */
export async function outdatedPackages(
	folder: string,
	ref: string,
): Promise<string | undefined> {
	const installed = (await venvOf(folder))?.digest;
	if (installed === undefined) return undefined;
	const needs = await pythonNeeds(folder).catch(() => undefined);
	if (!needs || needs.digest === installed) return undefined;
	return `${needs.file} has changed since applyd install; run: applyd install ${ref}`;
}

export const digestOf = (texts: readonly string[]): string =>
	createHash("sha256").update(JSON.stringify(texts)).digest("hex").slice(0, 12);

/**
 * @param name for the message
 * @returns nothing if the file is not there
 * @throws Error if it cannot be read
 */
export async function readText(
	path: string,
	name: string,
): Promise<string | undefined> {
	try {
		return await readFile(path, "utf8");
	} catch (error) {
		const { code, message } = error as NodeJS.ErrnoException;
		if (code === "ENOENT") return undefined;
		throw new Error(`${name} cannot be read: ${message}`);
	}
}

/** With the files that it includes by `-r` and `-c`; pip complains of those that are not there. */
async function withIncluded(
	path: string,
	text: string,
	seen = new Set([path]),
): Promise<string[]> {
	const texts = [text];
	const includes = text.matchAll(
		/^\s*(?:-r|-c|--requirement|--constraint)[\s=]*(\S+)/gm,
	);
	for (const [, name = ""] of includes) {
		const included = resolve(dirname(path), name);
		if (seen.has(included)) continue;
		seen.add(included);
		const content = await readFile(included, "utf8").catch(() => "");
		texts.push(...(await withIncluded(included, content, seen)));
	}
	return texts;
}
