import { hashOf, newKey } from "../accounts/key-text.ts";
import type { Lane } from "./lane.ts";

/**
 * Where there is no server. Without an address published clients send what they have to the original platform's,
 * whoever owns that by now; this one is never anybody's (RFC 2606), and the client's error shows it.
 */
const NO_API = "http://applyd-serve-is-not-running.invalid";

/** A worker that has a key, and the version it runs, as `owner/name/version`. */
export interface KeyHolder {
	lane: Lane;
	algorithm: string;
	/** It is good until the worker has loaded: what has loaded is copied, and each copy has a key of its own. */
	isForLoad?: boolean;
}

/**
 * The keys that workers have in their environment, so that published clients work inside an algorithm
 * (api-contract §11.8). Who has one speaks for the call that the worker runs, and for nobody between calls.
 */
export class WorkerKeys {
	/** Where the API is; unknown until the server listens, and where there is no server. */
	apiUrl: string | undefined;
	/** By the hash of the key: the time it takes to find one tells nothing of it. */
	readonly #holders = new Map<string, KeyHolder>();
	readonly #hashes = new Map<Lane, string[]>();

	/** @returns what makes a published client inside the worker speak for it */
	issue(holder: KeyHolder): Record<string, string> {
		if (this.apiUrl === undefined) return { ALGORITHMIA_API: NO_API };
		const key = newKey();
		const hash = hashOf(key);
		this.#holders.set(hash, holder);
		const others = this.#hashes.get(holder.lane) ?? [];
		this.#hashes.set(holder.lane, [...others, hash]);
		return { ALGORITHMIA_API: this.apiUrl, ALGORITHMIA_API_KEY: key };
	}

	holderOf(key: string): KeyHolder | undefined {
		return this.#holders.get(hashOf(key));
	}

	revoke(lane: Lane): void {
		for (const hash of this.#hashes.get(lane) ?? []) this.#holders.delete(hash);
		this.#hashes.delete(lane);
	}
}
