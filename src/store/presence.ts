import { randomUUID } from "node:crypto";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const NAME = /^([\da-f-]{36})\.lock$/;

/**
 * Tells the owners of leases that share a state folder which of them are gone. Each holds the lock of a file, and the
 * system lets go of it with the process, however that ends: nothing is guessed from process ids, which come again and
 * differ between containers.
 */
export class Presence {
	/** The name by which leases are held. */
	readonly owner: string;
	readonly #folder: string;
	readonly #lock: DatabaseSync;

	private constructor(owner: string, folder: string, lock: DatabaseSync) {
		this.owner = owner;
		this.#folder = folder;
		this.#lock = lock;
	}

	static async announce(stateFolder: string): Promise<Presence> {
		const folder = join(stateFolder, "owners");
		await mkdir(folder, { recursive: true });
		const owner = randomUUID();
		const unready = join(folder, `${owner}.unready`);
		const lock = lockOf(unready);
		if (!lock) throw new Error(`${unready} cannot be locked`);
		// Nobody sees it before it is locked.
		await rename(unready, join(folder, `${owner}.lock`));
		return new Presence(owner, folder, lock);
	}

	/**
	 * Finds owners whose process is gone, and lets their leases be taken.
	 * @param take what they held; nobody else takes it meanwhile, and if it fails it is for the next who looks
	 */
	async takeOver(take: (owner: string) => Promise<void>): Promise<void> {
		for (const name of await readdir(this.#folder)) {
			const owner = NAME.exec(name)?.[1];
			if (owner === undefined || owner === this.owner) continue;
			const file = join(this.#folder, name);
			const lock = lockOf(file);
			if (!lock) continue;
			try {
				await take(owner);
				await rm(file, { force: true });
			} finally {
				lock.close();
			}
		}
	}

	/** Its leases must have been released. */
	async close(): Promise<void> {
		await rm(join(this.#folder, `${this.owner}.lock`), { force: true });
		if (this.#lock.isOpen) this.#lock.close();
	}
}

/** @returns `undefined` if another process, or another owner in this one, has it */
function lockOf(file: string): DatabaseSync | undefined {
	const database = new DatabaseSync(file);
	try {
		database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE"); // no second file
		return database;
	} catch (error) {
		database.close();
		const { errcode } = error as { errcode?: number };
		if (errcode === 5 || errcode === 6) return undefined;
		throw error;
	}
}
