import { hash, randomBytes } from "node:crypto";
import type { Lane } from "./lane.ts";

/** A worker that has a key, and the version it runs, as `owner/name/version`. */
export interface KeyHolder {
	lane: Lane;
	algorithm: string;
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
	readonly #digests = new Map<Lane, string>();

	/** @returns what makes a published client inside the worker speak for it */
	issue(holder: KeyHolder): Record<string, string> {
		if (this.apiUrl === undefined) return {};
		const key = `sim${randomBytes(24).toString("base64").slice(0, 25)}`;
		const digest = hash("sha256", key);
		this.#holders.set(digest, holder);
		this.#digests.set(holder.lane, digest);
		return { ALGORITHMIA_API: this.apiUrl, ALGORITHMIA_API_KEY: key };
	}

	holderOf(key: string): KeyHolder | undefined {
		return this.#holders.get(hash("sha256", key));
	}

	revoke(lane: Lane): void {
		this.#holders.delete(this.#digests.get(lane) ?? "");
		this.#digests.delete(lane);
	}
}
