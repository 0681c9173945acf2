/** Consecutive items, still as the bytes they came in. */
export interface Cut {
	firstIndex: number;
	count: number;
	/** As a SLICE frame wants them (src/protocol/README.md): commas or newlines between the items, none at the end, or each behind its length. */
	pieces: readonly Buffer[];
	/** Of the pieces. */
	bytes: number;
	/** Where the first item begins, and where what follows the last one begins: offsets in the (decompressed) input. */
	startByte: number;
	endByte: number;
	/** This one item cannot be run: count is 1. `pieces` may hold its beginning. */
	fault?: { message: string; errorType: string };
}

/**
 * Cuts an input into items as it arrives, without parsing it. What is pushed is scanned when it is taken, so that
 * no call is long; pieces are views of what was pushed.
 */
export interface Cutter {
	push(chunk: Buffer): void;
	/** No more chunks. */
	finish(): void;
	/**
	 * What is whole: at most so many items and bytes (one item at least); `undefined`: nothing yet.
	 * @throws AlgoError BAD_REQUEST: the input as a whole is not of this format; what was before that has been taken
	 */
	take(maxItems: number, maxBytes: number): Cut | undefined;
	readonly bufferedBytes: number;
	/** Finished, and everything taken; true at the latest when `take` then gives nothing. */
	readonly isDone: boolean;
}
