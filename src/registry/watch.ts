import { type FSWatcher, watch } from "node:fs";

/**
 * Watches folders, each by itself. fs.watch tells synchronously from the poll phase in which the kernel's
 * event arrives, so a file saved before a request is sent is known before that request is served; libraries
 * that settle events first lose that order.
 */
export class FolderWatch {
	readonly #watchers = new Map<string, FSWatcher>();
	readonly #onChange: (folder: string) => void;

	/** @param onChange with the folder whose entries, or one of whose files, changed */
	constructor(onChange: (folder: string) => void) {
		this.#onChange = onChange;
	}

	/** @throws if the system's number of watches is used up, or the folder is gone */
	add(folder: string): void {
		if (this.#watchers.has(folder)) return;
		const watcher = watch(folder, { persistent: false }, (_, name) => {
			// `.venv` and `node_modules` come into force by one rename, when all in them is there.
			if (name === null || !/^\.(?!venv$)|~$|^__pycache__$/.test(name))
				this.#onChange(folder);
		});
		// The folder is gone; its parent's watch tells as well.
		watcher.on("error", () => this.remove(folder));
		this.#watchers.set(folder, watcher);
	}

	remove(folder: string): void {
		this.#watchers.get(folder)?.close();
		this.#watchers.delete(folder);
	}

	/** Drops the folders that are no longer wanted: a folder made again under the same name is another one. */
	keepOnly(isWanted: (folder: string) => boolean): void {
		for (const folder of this.#watchers.keys())
			if (!isWanted(folder)) this.remove(folder);
	}

	close(): void {
		this.keepOnly(() => false);
	}
}
