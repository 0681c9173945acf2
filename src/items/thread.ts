import { extname } from "node:path";
import { Piscina } from "piscina";

/** A thread that nobody has needed for so long ends. */
const IDLE_MS = 2000;

let pool: Piscina | undefined;

/**
 * Runs a module's default export in a thread: what parses must not hold up the server. One at a time, in their order.
 * @param name the module's, in this folder
 * @param transfer memory of the task that goes there, instead of being copied
 */
export function runInThread<Result>(
	name: string,
	task: unknown,
	transfer: ArrayBuffer[],
): Promise<Result> {
	pool ??= new Piscina({
		minThreads: 0,
		maxThreads: 1,
		idleTimeout: IDLE_MS,
	});
	const filename = new URL(name + extname(import.meta.url), import.meta.url);
	return pool.run(task, { filename: filename.href, transferList: transfer });
}

/** A result that goes back without being copied. */
export function moved<Result extends object>(
	result: Result,
	transfer: ArrayBuffer[],
): object {
	const movable = {
		[Piscina.transferableSymbol]: transfer,
		[Piscina.valueSymbol]: result,
	};
	return Piscina.move(movable as unknown as ArrayBuffer); // its types know nothing else
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
