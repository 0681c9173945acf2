import type { Cut, Cutter } from "../../../src/items/cut.ts";

/** The input in chunks of so many bytes. */
export function* chunksOf(input: Buffer, bytes: number): Generator<Buffer> {
	for (let at = 0; at < input.length; at += bytes)
		yield Buffer.from(input.subarray(at, at + bytes));
}

/** All cuts of an input that comes in chunks of so many bytes, each taken as soon as it is there. */
export function cutAll(
	cutter: Cutter,
	input: Buffer | string,
	{ chunkBytes = 65536, maxItems = 1000, maxBytes = 1_000_000 } = {},
): Cut[] {
	const cuts: Cut[] = [];
	const takeAll = () => {
		for (;;) {
			const cut = cutter.take(maxItems, maxBytes);
			if (!cut) return;
			cuts.push(cut);
		}
	};
	for (const chunk of chunksOf(Buffer.from(input), chunkBytes)) {
		cutter.push(chunk);
		takeAll();
	}
	cutter.finish();
	takeAll();
	if (!cutter.isDone || cutter.bufferedBytes !== 0)
		throw new Error("something is left");
	return cuts;
}

export const bytesOf = (cut: Cut): Buffer => Buffer.concat(cut.pieces);
export const textOf = (cut: Cut): string => bytesOf(cut).toString();

/** What an input is cut into must not depend on where its chunks end. */
export const CHUNK_BYTES = [1, 2, 3, 7, 65536];
