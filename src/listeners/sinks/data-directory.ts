import { Readable } from "node:stream";
import { type Caller, isOwner } from "../../accounts/caller.ts";
import type { Data, OpenFile } from "../../data/data.ts";
import type { FileEntry } from "../../data/driver.ts";
import { writeMarker } from "../../data/marker.ts";
import { parsePath } from "../../data/path.ts";
import type { DataUser } from "../../data/user.ts";
import { AlgoError } from "../../errors.ts";

/** As whom parts are written and read. */
export interface DataAccess {
	data: Data;
	caller: Caller;
}

/** A directory for parts: a collection, or a folder in somebody's bucket. */
export class PartsDirectory {
	readonly path: string;
	readonly #data: Data;
	readonly #user: DataUser;

	/** @throws Error naming the path, if it cannot be one */
	constructor(path: string, { data, caller }: DataAccess) {
		const fault = pathFault(path);
		if (fault !== undefined) throw new Error(fault);
		this.path = path.replace(/\/+$/, "");
		this.#data = data;
		this.#user = { caller };
	}

	/** A collection is made if it is missing; a folder in a bucket is there with its first file. @throws Error, AlgoError */
	async make(): Promise<void> {
		const { connector, names } = parsePath(this.path);
		const { caller } = this.#user;
		if (connector !== "data") {
			await this.#data.connectors.find(this.#user, connector);
			return;
		}
		const [owner = "", name = ""] = names;
		if (owner !== ".my" && !isOwner(caller, owner))
			throw new Error(
				`path is '${this.path}', which is ${owner}'s; the account ${caller.account} writes to collections of its own only`,
			);
		try {
			await this.#data.createDirectory(this.#user, owner, name);
		} catch (error) {
			if (!isCode(error, "CONFLICT")) throw error;
		}
	}

	async put(name: string, content: Buffer): Promise<void> {
		const stream = Readable.from([content], { objectMode: false });
		await this.#data.put(this.#user, this.#pathOf(name), stream);
	}

	/** @returns `undefined` if it is not there */
	get(name: string): Promise<OpenFile | undefined> {
		return ifFound(this.#data.get(this.#user, this.#pathOf(name)));
	}

	/** When it was last written, in milliseconds since 1970. @returns `undefined` if it is not there */
	async modifiedMs(name: string): Promise<number | undefined> {
		const found = await ifFound(
			this.#data.stat(this.#user, this.#pathOf(name)),
		);
		return found?.modifiedMs;
	}

	async remove(name: string): Promise<void> {
		await ifFound(this.#data.remove(this.#user, this.#pathOf(name)));
	}

	/**
	 * The parts that are there, by name, which is by age.
	 * @param after only those whose name is greater
	 */
	async *parts(after?: string): AsyncGenerator<FileEntry> {
		let marker = after === undefined ? undefined : writeMarker(after);
		do {
			const page = await ifFound(
				this.#data.list(this.#user, this.path, {
					...(marker !== undefined && { marker }),
				}),
			);
			for (const file of page?.files ?? [])
				if (file.name.endsWith(".ndjson")) yield file;
			marker = page?.marker;
		} while (marker !== undefined);
	}

	#pathOf(name: string): string {
		return `${this.path}/${name}`;
	}
}

/** Why results or dead letters cannot go to this path. @returns `undefined` if they can */
export function pathFault(path: string): string | undefined {
	if (isDirectory(path)) return undefined;
	return `path is '${path.slice(0, 200)}'; it must be a collection, data://.my/NAME or data://OWNER/NAME, or a folder behind a connector, s3://BUCKET/FOLDER`;
}

function isDirectory(path: string): boolean {
	try {
		const { connector, names } = parsePath(path);
		if (connector !== "data") return names.length > 0;
		return (
			names.length === 2 && names[0] !== ".algo" && names[0] !== ".session"
		);
	} catch {
		return false;
	}
}

export const isCode = (error: unknown, code: AlgoError["code"]): boolean =>
	error instanceof AlgoError && error.code === code;

async function ifFound<T>(answer: Promise<T>): Promise<T | undefined> {
	try {
		return await answer;
	} catch (error) {
		if (isCode(error, "PATH_NOT_FOUND")) return undefined;
		throw error;
	}
}
