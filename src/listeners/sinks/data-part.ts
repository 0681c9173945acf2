import { randomBytes } from "node:crypto";
import { isCode, type PartsDirectory } from "./data-directory.ts";

/**
 * Each put writes the part anew. On a local disk a put takes 1 to 2 ms, and 5 µs more for each KiB: parts of half this
 * size made 10 writers no faster, those of twice the size slowed them by a third.
 */
export const PART_BYTES = 512 * 1024;
/** No put of a part begins later than this after the first one. */
const ROLL_MS = 30_000;
/** A part that has not changed for so long is final: no put takes longer than what is left of it. */
export const FINAL_MS = 60_000;

/** Tells the parts of this process from those of others that write to the same directory. */
const WRITER = randomBytes(4).toString("hex");
let sequence = 0;

/** The parts of this process that may still grow. */
const growing = new Map<string, Part>();

/**
 * A file of lines that grows until it is large or old. Each put stores the whole of it anew, so that its lines are whole
 * whatever happens. After a put that has failed nobody knows what stands there: the next one then goes to the same
 * part, so that no line stands twice.
 */
export class Part {
	readonly name: string;
	readonly #directory: PartsDirectory;
	readonly #startedAt = performance.now();
	#content: Buffer = Buffer.alloc(0);
	#isUncertain = false;
	#isEnded = false;
	#writing: Promise<void> = Promise.resolve();

	constructor(directory: PartsDirectory) {
		const number = String(++sequence).padStart(6, "0");
		this.name = `${nameAt(Date.now())}-${WRITER}-${number}.ndjson`;
		this.#directory = directory;
		growing.set(this.name, this);
	}

	/** Whether so many bytes more belong into this part; otherwise into a new one. */
	takes(bytes: number): boolean {
		if (this.#isEnded) return false;
		if (this.#isUncertain) return true;
		const { length } = this.#content;
		return (
			this.#ageMs < ROLL_MS && (length === 0 || length + bytes <= PART_BYTES)
		);
	}

	/**
	 * Resolves when the lines are there for good. One after the other.
	 * @throws whatever the store fails with; the lines are then no part of what the next call stores
	 */
	add(lines: readonly Buffer[]): Promise<void> {
		this.#writing = this.#add(lines);
		return this.#writing;
	}

	/** No line is put into it any more. */
	end(): void {
		this.#isEnded = true;
		growing.delete(this.name);
	}

	/** Ends it; once this has resolved, exactly those lines stand there that were said to be stored. @throws as `add` */
	async settle(): Promise<void> {
		this.#isEnded = true;
		await this.#writing.catch(() => {});
		if (this.#isUncertain) await this.add([]);
		this.end();
	}

	get #ageMs(): number {
		return performance.now() - this.#startedAt;
	}

	async #add(lines: readonly Buffer[]): Promise<void> {
		// Others may take what is final, a store that was away for long keeps a part from being that.
		if (this.#ageMs > FINAL_MS && !(await this.#isThere()))
			this.#content = Buffer.alloc(0);
		this.#isUncertain = true;
		this.#content = await this.#store(lines);
		this.#isUncertain = false;
	}

	async #store(lines: readonly Buffer[]): Promise<Buffer> {
		const content = Buffer.concat([this.#content, ...lines]);
		try {
			if (content.length > 0) await this.#directory.put(this.name, content);
			else await this.#directory.remove(this.name);
			return content;
		} catch (error) {
			if (!isCode(error, "PATH_NOT_FOUND")) throw error;
		}
		// Somebody has deleted the directory, with all that was in it.
		const fresh = Buffer.concat(lines);
		await this.#directory.make();
		await this.#directory.put(this.name, fresh);
		return fresh;
	}

	async #isThere(): Promise<boolean> {
		return (await this.#directory.modifiedMs(this.name)) !== undefined;
	}
}

/** How the names of parts begin that were begun then. */
export const nameAt = (timeMs: number): string =>
	new Date(timeMs).toISOString().replaceAll(":", "-");

/**
 * Ends a part of this process.
 * @returns whether it is one; nobody writes to it any more then
 */
export async function settlePart(name: string): Promise<boolean> {
	await growing.get(name)?.settle();
	return name.includes(`-${WRITER}-`);
}
