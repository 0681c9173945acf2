// Temporary folders that are empty again after each call (api-contract §11.1: what is in /tmp does not survive it).
import {
	chmodSync,
	fstatSync,
	lstatSync,
	mkdirSync,
	openSync,
	readdirSync,
	rmSync,
} from "node:fs";
import { join } from "node:path";

/** The clock of files may go in steps of 10 ms: a change within that time of another one cannot be told from it. */
const CLOCK_STEP_MS = 20;

export class TempFolder {
	#path;
	#kept;
	#descriptor;
	/** When the folder was changed last, if what is in it then is known and long settled. */
	#settledAt = -1;

	/**
	 * @param {string} path made if it is not there
	 * @param {Iterable<string>} kept names of what stays in it
	 */
	constructor(path, kept = []) {
		this.#path = path;
		this.#kept = new Set(kept);
		mkdirSync(path, { recursive: true, mode: 0o700 });
		this.#descriptor = openSync(path, "r");
	}

	/** What is in it now stays. */
	keep() {
		for (const name of readdirSync(this.#path)) this.#kept.add(name);
	}

	/**
	 * Removes what has come into it. If nothing has, that takes half a microsecond.
	 * @param {() => number} oldestCall when the first of the calls began that still run and share it (ms since 1970):
	 *   what is no older may be theirs
	 */
	empty(oldestCall = () => Number.POSITIVE_INFINITY) {
		if (this.#changedAt() === this.#settledAt) return;
		try {
			const theirsSince = oldestCall() - CLOCK_STEP_MS;
			let isEmpty = true;
			for (const name of readdirSync(this.#path)) {
				if (this.#kept.has(name)) continue;
				const path = join(this.#path, name);
				if (lstatSync(path).ctimeMs > theirsSince) isEmpty = false;
				else removeTree(path);
			}
			const changedAt = this.#changedAt();
			const isSettled = isEmpty && Date.now() - changedAt > CLOCK_STEP_MS;
			this.#settledAt = isSettled ? changedAt : -1;
		} catch {
			this.#settledAt = -1; // a process that a call has left may still write there: the next call tries again
		}
	}

	#changedAt() {
		try {
			return fstatSync(this.#descriptor).mtimeMs;
		} catch {
			return Number.NaN; // author code has closed it
		}
	}
}

/**
 * Also folders that their owner may not enter.
 * @param {string} path
 */
function removeTree(path) {
	const remove = () => rmSync(path, { recursive: true, force: true });
	try {
		remove();
	} catch {
		open(path);
		remove();
	}
}

/** @param {string} path */
function open(path) {
	if (!lstatSync(path).isDirectory()) return;
	chmodSync(path, 0o700);
	for (const name of readdirSync(path)) open(join(path, name));
}
