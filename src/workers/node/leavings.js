// What calls leave in temporary folders, removed when it is nobody's any more.
import { CallStarts } from "./call-starts.js";
import { TempFolder } from "./temp-folder.js";

/** No file comes into being in less: the quickest way took 4 µs. To look takes 3, and a short call as long in all. */
const SHORTEST_WRITE_MS = 0.002;

/**
 * @typedef {object} Temp the temporary folder of the process
 * @property {string} folder
 * @property {string[]} standing names of what was in it before any code ran: places for what the operator allows
 * @property {SharedArrayBuffer} starts of CallStarts
 * @property {number} place the worker's among them
 */

/** A worker's view of the temporary folders: its own, and the one that all workers of the process share. */
export class Leavings {
	#starts;
	#own;
	/** @type {TempFolder | undefined} */
	#shared;
	#oldestCall;

	/**
	 * The version is about to load: what it leaves in its own folder stays.
	 * @param {Temp} temp
	 * @param {string} [ownFolder] that of this worker alone; may be the same
	 */
	constructor({ folder, standing, starts, place }, ownFolder = folder) {
		this.#starts = new CallStarts(starts, place);
		this.#oldestCall = () => this.#starts.oldest;
		this.#own = new TempFolder(ownFolder, standing);
		if (folder !== ownFolder) this.#shared = new TempFolder(folder, standing);
		this.#shared?.empty(this.#oldestCall); // an ended worker may have left something
		this.#starts.begin();
	}

	loaded() {
		this.#own.keep();
		this.#starts.end();
	}

	/** A call begins. */
	begin() {
		this.#starts.begin();
	}

	/**
	 * It has ended: what it has left goes, and of the shared folder what is older than all calls that run.
	 * @param {number} runMs how long it ran
	 */
	remove(runMs) {
		this.#starts.end();
		if (runMs < SHORTEST_WRITE_MS) return;
		this.#own.empty();
		this.#shared?.empty(this.#oldestCall);
	}
}
