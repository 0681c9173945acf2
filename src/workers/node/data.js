// `context.data`: files under `data://` for code inside a call (interface §3).

/** @typedef {(head: import('../../protocol/messages.ts').Ask, body?: Uint8Array) => Promise<{ value: unknown, body: Buffer }>} AskServer */
/** @typedef {{ name: string, bytes: number, lastModified: string }} FileEntry */

/** Data as the caller of this call may see it; paths are `data://OWNER/COLLECTION/FILE`, `.my` is the caller. */
export class Data {
	#ask;

	/** @param {AskServer} ask */
	constructor(ask) {
		this.#ask = ask;
	}

	/**
	 * @param {string} path of a file
	 * @returns {Promise<Buffer>}
	 */
	async getBytes(path) {
		const { body } = await this.#ask({ what: "data", verb: "get", path });
		return Buffer.from(body); // a copy: the author may keep it, and the frame's memory is shared
	}

	/**
	 * @param {string} path of a file with UTF-8 text
	 * @returns {Promise<string>}
	 */
	async getText(path) {
		return (await this.getBytes(path)).toString();
	}

	/**
	 * @param {string} path of a file with JSON
	 * @returns {Promise<unknown>}
	 */
	async getJson(path) {
		return JSON.parse(await this.getText(path));
	}

	/**
	 * Writes a file, or replaces it as a whole.
	 * @param {string} path
	 * @param {unknown} content text and bytes as they are, all else as JSON
	 * @returns {Promise<string>} its address with the owner's name
	 */
	async put(path, content) {
		const isRaw = typeof content === "string" || content instanceof Uint8Array;
		const raw = isRaw ? content : JSON.stringify(content);
		if (raw === undefined)
			throw new TypeError(
				`put takes JSON, text or bytes, and got a ${typeof content}`,
			);
		const body = typeof raw === "string" ? Buffer.from(raw) : raw;
		const { value } = await this.#ask(
			{ what: "data", verb: "put", path },
			body,
		);
		return /** @type {string} */ (value);
	}

	/**
	 * Everything in a directory, however many pages that takes.
	 * @param {string} path
	 * @returns {Promise<{ folders: string[], files: FileEntry[] }>}
	 */
	async list(path) {
		/** @type {{ folders: string[], files: FileEntry[] }} */
		const all = { folders: [], files: [] };
		/** @type {string | undefined} */
		let marker;
		do {
			const { value } = await this.#ask({
				what: "data",
				verb: "list",
				path,
				...(marker !== undefined && { marker }),
			});
			const page = /** @type {typeof all & { marker?: string }} */ (value);
			all.folders.push(...page.folders);
			all.files.push(...page.files);
			marker = page.marker;
		} while (marker !== undefined);
		return all;
	}

	/**
	 * @param {string} path of a file or directory
	 * @returns {Promise<boolean>}
	 */
	async exists(path) {
		const { value } = await this.#ask({ what: "data", verb: "exists", path });
		return value === true;
	}

	/** @param {string} path of a file */
	async delete(path) {
		await this.#ask({ what: "data", verb: "delete", path });
	}
}
