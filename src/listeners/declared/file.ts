import { readFile } from "node:fs/promises";
import { UsageError } from "../../config/config.ts";
import type { ListenerOptions } from "../options.ts";
import { type CheckContext, checkListeners } from "./check.ts";

/** A saved change counts after this long. */
const LOOK_MS = 1000;

/** @throws UsageError in one line: the file, which listener and which field, and what it must be */
export async function readListenersFile(
	path: string,
	context: CheckContext,
): Promise<ListenerOptions[]> {
	return checked(path, await textOf(path), context);
}

export interface ListenersFileOptions extends CheckContext {
	path: string;
	/** It says something else than before. */
	onChange(listeners: ListenerOptions[]): void;
	/** It cannot be used as it is now, and why; told once. */
	onFault(error: Error): void;
}

/**
 * The listeners file, looked at again and again: its text is small, and that way it does not matter how it comes to
 * change. Editors put a new file in its place, Kubernetes turns a link of a folder above it, network disks tell no watcher.
 */
export class ListenersFile {
	readonly #options: ListenersFileOptions;
	/** As it was last seen: its text, or why it cannot be read. */
	#seen: string | undefined;
	#doubtful: string | undefined;
	#timer: NodeJS.Timeout | undefined;
	#isClosed = false;

	constructor(options: ListenersFileOptions) {
		this.#options = options;
	}

	/** @throws UsageError as `readListenersFile` */
	async read(): Promise<ListenerOptions[]> {
		const { path } = this.#options;
		const text = await textOf(path);
		this.#seen = text;
		return checked(path, text, this.#options);
	}

	watch(): void {
		if (this.#isClosed) return;
		this.#timer = setTimeout(async () => {
			await this.#look();
			this.watch();
		}, LOOK_MS).unref();
	}

	close(): void {
		this.#isClosed = true;
		clearTimeout(this.#timer);
	}

	async #look(): Promise<void> {
		const { path, onChange } = this.#options;
		const text = await textOf(path).catch((error: Error) => error);
		const state = text instanceof Error ? text.message : text;
		if (state === this.#seen || this.#isClosed) return;
		try {
			if (text instanceof Error) throw text;
			const listeners = checked(path, text, this.#options);
			this.#seen = state;
			onChange(listeners);
		} catch (error) {
			this.#doubt(state, error as Error);
		}
	}

	/** Whoever saves it may be in the middle of that: a fault is one that is there at the next look too. */
	#doubt(state: string, { message }: Error): void {
		if (state === this.#doubtful) {
			this.#seen = state;
			this.#options.onFault(
				new Error(`${message}; the listeners stay as they were`),
			);
		}
		this.#doubtful = state;
	}
}

async function textOf(path: string): Promise<string> {
	try {
		return await readFile(path, "utf8");
	} catch (error) {
		const { message } = error as Error;
		throw new UsageError(
			`the listeners file ${path} cannot be read: ${message}`,
		);
	}
}

function checked(
	path: string,
	text: string,
	context: CheckContext,
): ListenerOptions[] {
	try {
		return checkListeners(text, context);
	} catch (error) {
		if (!(error instanceof UsageError)) throw error;
		throw new UsageError(`${path}: ${error.message}`);
	}
}
