import { readdir, readFile, readlink } from "node:fs/promises";
import type { Readable } from "node:stream";

const PAGE_BYTES = 4096;
/** Fields of /proc/PID/stat after the name, which may hold anything: proc(5). */
const THREADS = 17;
const RESIDENT = 21;

/** What the processes behind one wall hold together. */
export interface Held {
	bytes: number;
	/** Processes and threads. */
	tasks: number;
}

/** The processes behind one wall: in a namespace of their own all of them, else the one that the server started. */
export class Members {
	/** The process that bwrap started: in a namespace the first, and when it ends all others have ended. */
	root: number | undefined;
	readonly #pid: number | undefined;
	readonly #isSpace: boolean;
	#isInside = false;

	/**
	 * @param pid of the process that the server started
	 * @param status where bwrap tells which one it has started
	 * @param isSpace whether that is the first of a process namespace
	 */
	constructor(
		pid: number | undefined,
		status: Readable | undefined,
		isSpace: boolean,
	) {
		this.#pid = status ? undefined : pid;
		this.#isSpace = isSpace;
		let text = "";
		status?.setEncoding("utf8").on("data", (chunk: string) => {
			text += chunk;
			this.root ??= Number(/"child-pid": (\d+)/.exec(text)?.[1]) || undefined;
		});
	}

	/**
	 * Zeros where the operating system does not tell.
	 * @param limitBytes over it pages that several processes share are told apart, which takes a thousand times as long
	 * @param maxTasks with more processes than this nobody looks what they hold
	 */
	async held(limitBytes: number, maxTasks: number): Promise<Held> {
		const folders = await this.#folders();
		if (folders.length > maxTasks) return { bytes: 0, tasks: folders.length };
		const held = { bytes: 0, tasks: 0 };
		for (const stat of await readAll(folders, "stat")) {
			const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
			held.tasks += Number(fields[THREADS]);
			held.bytes += Number(fields[RESIDENT]) * PAGE_BYTES;
		}
		if (held.bytes > limitBytes && folders.length > 1)
			held.bytes = await proportionalBytes(folders);
		return held;
	}

	/** Of a namespace as it sees itself, which takes no search through the processes of the whole machine. */
	async #folders(): Promise<string[]> {
		if (!this.#isSpace || this.root === undefined) {
			const pid = this.#pid ?? this.root;
			return pid === undefined ? [] : [`/proc/${pid}`];
		}
		const proc = `/proc/${this.root}/root/proc`;
		if (!this.#isInside) {
			// Until it has its own view of processes, it has ours, where we are one of them.
			const isOurs = await readlink(`${proc}/self`).then(
				() => true,
				() => false,
			);
			if (isOurs) return [];
			this.#isInside = true;
		}
		const names = await readdir(proc).catch(() => []);
		return names
			.filter((name) => /^\d+$/.test(name))
			.map((name) => `${proc}/${name}`);
	}
}

/** What is there of these files; processes end meanwhile. */
async function readAll(
	folders: readonly string[],
	name: string,
): Promise<string[]> {
	const texts = await Promise.all(
		folders.map((folder) =>
			readFile(`${folder}/${name}`, "latin1").catch(() => ""),
		),
	);
	return texts.filter((text) => text !== "");
}

async function proportionalBytes(folders: readonly string[]): Promise<number> {
	let kilobytes = 0;
	for (const text of await readAll(folders, "smaps_rollup"))
		kilobytes += Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0);
	return kilobytes * 1024;
}
