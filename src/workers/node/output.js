// What the author prints is kept apart from the protocol, per call (api-contract §3.9).
import { AsyncLocalStorage } from "node:async_hooks";

/** Kept of one call's output; a REC of api-contract §3.9. */
const MAX_OUTPUT_BYTES = 64 * 1024;

/** The last 64 KiB of what was printed. */
export class Output {
	/** @type {Buffer[]} */
	#chunks = [];
	#bytes = 0;
	#omitted = 0;

	/** @param {Buffer} chunk */
	push(chunk) {
		this.#chunks.push(chunk);
		this.#bytes += chunk.length;
		if (this.#bytes > 2 * MAX_OUTPUT_BYTES || this.#chunks.length > 4096)
			this.#cut();
	}

	/** How many bytes were left out at the front. */
	get omitted() {
		if (this.#bytes > MAX_OUTPUT_BYTES) this.#cut();
		return this.#omitted;
	}

	get text() {
		const { omitted } = this;
		const text = Buffer.concat(this.#chunks).toString();
		return omitted > 0
			? `[stdout truncated: ${omitted} bytes omitted]\n${text}`
			: text;
	}

	get isEmpty() {
		return this.#bytes === 0 && this.#omitted === 0;
	}

	#cut() {
		let kept = Buffer.concat(this.#chunks);
		let from = Math.max(0, kept.length - MAX_OUTPUT_BYTES);
		const isInCharacter = () => ((kept[from] ?? 0) & 0xc0) === 0x80;
		while (from > 0 && isInCharacter()) from++;
		this.#omitted += from;
		kept = kept.subarray(from);
		this.#chunks = [kept];
		this.#bytes = kept.length;
	}
}

/**
 * The call that the running code belongs to, through promises and timers too.
 * @type {AsyncLocalStorage<{ requestId: string | null, over?: boolean, output?: Output | undefined }>}
 */
export const currentCall = new AsyncLocalStorage();

/**
 * From now on process.stdout and process.stderr (so console too) write to the call that prints.
 * @param {(bytes: Buffer) => void} onUnclaimed what is printed outside any call, as while loading
 */
export function captureOutput(onUnclaimed) {
	for (const stream of [process.stdout, process.stderr]) {
		/**
		 * @param {string | Uint8Array} chunk
		 * @param {BufferEncoding | (() => void)} [encodingOrDone]
		 * @param {() => void} [done]
		 */
		const write = (chunk, encodingOrDone, done) => {
			const bytes =
				typeof chunk === "string"
					? Buffer.from(
							chunk,
							typeof encodingOrDone === "string" ? encodingOrDone : "utf8",
						)
					: Buffer.from(chunk);
			const call = currentCall.getStore();
			if (call && !call.over) {
				call.output ??= new Output();
				call.output.push(bytes);
			} else onUnclaimed(bytes);
			const callback =
				typeof encodingOrDone === "function" ? encodingOrDone : done;
			if (callback) process.nextTick(callback);
			return true;
		};
		stream.write = write;
	}
}
