import { mkdirSync } from "node:fs";
import { chmod, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const GONE_POLL_MS = 10;
const GONE_POLLS = 500;

/** What one worker process has of the server's run folder: the sockets to the server, a temporary folder, a home. */
export class OwnFolder {
	readonly path: string;
	/** Where its lanes begin. */
	readonly socket: string;
	/** Where an isolated one reaches the API. */
	readonly apiSocket: string;
	readonly temp: string;
	readonly home: string;

	/** Made at once: a process starts with it, and starting one takes a hundred times as long. */
	constructor(path: string) {
		this.path = path;
		this.socket = join(path, "lanes");
		this.apiSocket = join(path, "api");
		this.temp = join(path, "tmp");
		this.home = join(path, "home");
		for (const folder of [path, this.temp, this.home])
			mkdirSync(folder, { mode: 0o700 });
	}
}

/** Those of all worker processes of a server, in its run folder. */
export class OwnFolders {
	readonly #path: string;
	#made = 0;
	readonly #going = new Set<Promise<void>>();

	/** @param path of the run folder, which is there */
	constructor(path: string) {
		this.#path = path;
	}

	make(): OwnFolder {
		return new OwnFolder(join(this.#path, String(++this.#made)));
	}

	/**
	 * Removes it once nobody can write there any more.
	 * @param lastPid of the process whose end is the end of all that are behind a wall with it, if there is one
	 */
	remove(own: OwnFolder, lastPid: number | undefined): void {
		const gone = hasEnded(lastPid)
			.then(() => removeTree(own.path))
			.catch(() => {}) // the run folder goes as a whole, now or with the next start
			.then(() => void this.#going.delete(gone));
		this.#going.add(gone);
	}

	/** Removes them all, when the processes have ended. */
	async close(): Promise<void> {
		await Promise.all(this.#going);
		await removeTree(this.#path);
	}
}

/** Removes a folder and all in it, also folders that their owner may not enter. */
export async function removeTree(folder: string): Promise<void> {
	const remove = () =>
		rm(folder, { recursive: true, force: true, maxRetries: 3 });
	await remove().catch(async () => {
		await open(folder);
		await remove();
	});
}

async function open(folder: string): Promise<void> {
	await chmod(folder, 0o700);
	for (const entry of await readdir(folder, { withFileTypes: true }))
		if (entry.isDirectory()) await open(join(folder, entry.name));
}

/** A process that nobody waits for stays in the table, but has ended. */
async function hasEnded(pid: number | undefined): Promise<void> {
	if (pid === undefined) return;
	for (let poll = 0; poll < GONE_POLLS; poll++) {
		const stat = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => "");
		const state = stat[stat.lastIndexOf(")") + 2];
		if (state === undefined || state === "Z" || state === "X") return;
		await sleep(GONE_POLL_MS);
	}
}
