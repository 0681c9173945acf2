import { extname } from "node:path";
import type { Piscina } from "piscina";

/** A thread that nobody has needed for so long ends. */
const IDLE_MS = 2000;

let pool: Promise<Piscina> | undefined;

/**
 * Runs a module's default export in a thread: what parses must not hold up the server. One at a time, in their order.
 * @param name the module's, in this folder
 * @param transfer memory of the task that goes there, instead of being copied
 */
export async function runInThread<Result>(
	name: string,
	task: unknown,
	transfer: ArrayBuffer[],
): Promise<Result> {
	pool ??= openPool();
	const filename = new URL(name + extname(import.meta.url), import.meta.url);
	return (await pool).run(task, {
		filename: filename.href,
		transferList: transfer,
	});
}

/** Most servers never need it. */
async function openPool(): Promise<Piscina> {
	const { Piscina } = await import("piscina");
	return new Piscina({ minThreads: 0, maxThreads: 1, idleTimeout: IDLE_MS });
}

/** A copy in memory of its own, which can be transferred: what pieces are views of others may hold too. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
	const bytes = new Uint8Array(
		pieces.reduce((sum, { length }) => sum + length, 0),
	);
	let at = 0;
	for (const piece of pieces) {
		bytes.set(piece, at);
		at += piece.length;
	}
	return bytes;
}
