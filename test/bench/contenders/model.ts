import { cp, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { spawnChild } from "../children.ts";
import { orLeftOut } from "../left-out.ts";
import { applydFlags } from "./contenders.ts";
import { BIN, CONTENDERS } from "./places.ts";
import { madeForPython } from "./python.ts";

const SOURCE = resolve(CONTENDERS, "../model");

/** Where applyd answers its calls. */
export const MODEL = "/v1/algo/bench/Model/1.0.0";

/** An algorithm with heavy imports, installed in a root of its own. */
export interface Model {
	root: string;
	python: string;
	/** The statements with which it begins. */
	imports: string;
	/** For servers that start from now on. */
	configure(manifest: object): Promise<void>;
}

/** @throws LeftOut what it needs cannot be had */
export async function installModel(): Promise<Model> {
	const read = (name: string) => readFile(join(SOURCE, name), "utf8");
	const source = await read("index.py");
	const folderIn = (root: string) => join(root, "bench/Model/1.0.0");
	const make = async (root: string) => {
		await cp(SOURCE, folderIn(root), { recursive: true });
		process.stderr.write(" (installing what the model needs)");
		const args = [BIN, "install", ...(await applydFlags(root))];
		const env = { PIP_QUIET: "1" };
		await spawnChild(process.execPath, args, { env }).output();
	};
	const parts = [source, await read("requirements.txt")];
	const root = await orLeftOut(madeForPython("model", parts, make));
	const folder = folderIn(root);
	return {
		root,
		python: join(folder, ".venv/bin/python"),
		imports: source.match(/^import .*$/gm)?.join("\n") ?? "",
		configure: (manifest) =>
			writeFile(join(folder, "algorithm.json"), JSON.stringify(manifest)),
	};
}
