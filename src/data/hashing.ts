import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import type { Stored } from "./driver.ts";

/** Reads a stream once, and knows size and MD5 of what has passed. */
export class Hashing {
	/** What the source failed with, if it did. */
	failure: unknown;
	readonly #source: Readable;
	readonly #hash = createHash("md5");
	#bytes = 0;

	constructor(source: Readable) {
		this.#source = heldBack(source);
	}

	/** Who stops half-way leaves the rest in the source: an HTTP request that is destroyed gets no answer. */
	async *read(): AsyncGenerator<Buffer> {
		try {
			for await (const chunk of this.#source.iterator({
				destroyOnReturn: false,
			})) {
				this.#hash.update(chunk);
				this.#bytes += chunk.length;
				yield chunk;
			}
		} catch (error) {
			this.failure = error;
			throw error;
		}
	}

	/** To be asked once, when all has passed. */
	stored(): Stored {
		return { bytes: this.#bytes, etag: this.#hash.digest("hex") };
	}
}

/** A failure of a stream that nobody reads yet waits for who does, instead of ending the process. */
export function heldBack(stream: Readable): Readable {
	return stream.on("error", () => {});
}
