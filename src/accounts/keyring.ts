import type { KeyRow } from "../store/keys.ts";
import type { Store } from "../store/store.ts";
import { type Caller, FULL_RIGHTS } from "./caller.ts";
import { hashOf } from "./key-text.ts";
import { rightsOf } from "./keys.ts";

/** A change by another process, such as a revoked key, counts after this long at most (interface §9: 3 s). */
const POLL_MS = 1000;

export interface KeyringOptions {
	/**
	 * A key that is in no store. It may do all that its account may and, unlike the admin keys of api-contract
	 * §2.3, what operators may as well: it is there so that a container needs no other.
	 */
	rootKey: string | undefined;
	/** The root key's. */
	account: string;
	/** The store could not be read, and could before; what is known stays in force. */
	onTrouble: (error: Error) => void;
}

/**
 * The keys in force, in memory: who calls is known without a look at the store. What is looked up is a
 * key's hash, so the time it takes tells nothing of the key.
 */
export class Keyring {
	readonly #store: Store;
	readonly #onTrouble: (error: Error) => void;
	readonly #callers = new Map<string, Caller>();
	readonly #timer: NodeJS.Timeout;
	#change = 0;
	#isInTrouble = false;

	private constructor(store: Store, onTrouble: (error: Error) => void) {
		this.#store = store;
		this.#onTrouble = onTrouble;
		this.#timer = setInterval(() => void this.#poll(), POLL_MS).unref();
	}

	/** @throws Error naming the store's file: it is damaged or locked */
	static async open(store: Store, options: KeyringOptions): Promise<Keyring> {
		const { rootKey, account, onTrouble } = options;
		const ring = new Keyring(store, onTrouble);
		if (rootKey !== undefined)
			ring.#callers.set(hashOf(rootKey), {
				account,
				rights: { ...FULL_RIGHTS, admin: true },
				ownsAll: false,
			});
		await ring.refresh();
		return ring;
	}

	/** How many keys are in force. */
	get size(): number {
		return this.#callers.size;
	}

	/** Whose key this is, as far as is known here; `refresh` before saying that it is nobody's. */
	find(key: string): Caller | undefined {
		return this.#callers.get(hashOf(key));
	}

	/**
	 * Takes in what has changed in the store. That costs some microseconds as long as nothing has, so a flood
	 * of unknown keys may ask each time.
	 */
	async refresh(): Promise<void> {
		for (const row of await this.#store.keys.changedSince(this.#change))
			this.#take(row);
	}

	close(): void {
		clearInterval(this.#timer);
	}

	[Symbol.dispose](): void {
		this.close();
	}

	#take(row: KeyRow): void {
		this.#change = Math.max(this.#change, row.change);
		if (row.revokedAt === null)
			this.#callers.set(row.hash, {
				account: row.account,
				rights: rightsOf(row),
				ownsAll: false,
			});
		else this.#callers.delete(row.hash);
	}

	async #poll(): Promise<void> {
		try {
			await this.refresh();
			this.#isInTrouble = false;
		} catch (error) {
			if (!this.#isInTrouble) this.#onTrouble(error as Error);
			this.#isInTrouble = true;
		}
	}
}
