import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { type DataAccess, PartsDirectory } from "./data-directory.ts";
import { FINAL_MS, settlePart } from "./data-part.ts";
import { type DeadLetter, readDeadLetter } from "./dead-letter.ts";

const LOOK_AGAIN_MS = 1000;

/** The dead letters of one part. */
export interface TakenLetters {
	lines: DeadLetter[];
	/** Lines that are none, and why; they stay where they are. */
	faults: string[];
	/**
	 * Removes from the part what is not kept, and the part if nothing is left. Not called, all stays.
	 * @param kept some of `lines`
	 */
	done(kept: readonly DeadLetter[]): Promise<void>;
}

/**
 * Takes the dead letters out of a directory, a part at a time, the oldest first: those of the parts that are there when
 * it begins. No part is taken that somebody may still write to: one of this process is ended first, one of another
 * server is waited for until it is final, a minute at most unless its store was away. One at a time: two that take from
 * the same directory give the same letters.
 */
export async function* takeLetters(
	path: string,
	{ signal, ...access }: DataAccess & { signal?: AbortSignal },
): AsyncGenerator<TakenLetters> {
	const directory = new PartsDirectory(path, access);
	const names: string[] = [];
	for await (const { name } of directory.parts()) names.push(name);
	for (const name of names) {
		if (!(await settlePart(name))) await isFinal(directory, name, signal);
		const taken = lettersOf(await linesOf(directory, name), name);
		yield {
			lines: [...taken.letters.keys()],
			faults: taken.faults,
			done: (kept) => {
				const going = new Map(taken.letters);
				for (const letter of kept) going.delete(letter);
				return removeLines(directory, name, [...going.values()]);
			},
		};
	}
}

async function isFinal(
	directory: PartsDirectory,
	name: string,
	signal: AbortSignal | undefined,
): Promise<void> {
	for (;;) {
		const modifiedMs = await directory.modifiedMs(name);
		const isYoung =
			modifiedMs !== undefined && Date.now() - modifiedMs < FINAL_MS;
		if (!isYoung) return;
		await sleep(LOOK_AGAIN_MS, undefined, { signal });
	}
}

/** @returns letters with their lines */
function lettersOf(
	lines: readonly string[],
	part: string,
): { letters: Map<DeadLetter, string>; faults: string[] } {
	const letters = new Map<DeadLetter, string>();
	const faults: string[] = [];
	for (const [index, line] of lines.entries())
		try {
			letters.set(readDeadLetter(Buffer.from(line, "latin1").toString()), line);
		} catch (error) {
			faults.push(`${part}, line ${index + 1}: ${(error as Error).message}`);
		}
	return { letters, faults };
}

/** What has come to the part since its lines were read stays. */
async function removeLines(
	directory: PartsDirectory,
	name: string,
	lines: readonly string[],
): Promise<void> {
	const going = new Map<string, number>();
	for (const line of lines) going.set(line, (going.get(line) ?? 0) + 1);
	const there = await linesOf(directory, name);
	const rest = there.filter((line) => {
		const count = going.get(line) ?? 0;
		if (count > 0) going.set(line, count - 1);
		return count === 0;
	});
	if (rest.length === 0) await directory.remove(name);
	else if (rest.length < there.length)
		await directory.put(
			name,
			Buffer.from(rest.map((line) => `${line}\n`).join(""), "latin1"),
		);
}

/** A character a byte, so that what is no UTF-8 stays as it is. */
async function linesOf(
	directory: PartsDirectory,
	name: string,
): Promise<string[]> {
	const found = await directory.get(name);
	if (found === undefined) return [];
	const text = (await buffer(found.stream)).toString("latin1");
	return text.split("\n").filter((line) => line.trim() !== "");
}
