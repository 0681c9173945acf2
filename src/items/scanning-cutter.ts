import type { Cut, Cutter } from "./cut.ts";

export interface CutterOptions {
	/** A longer item is a fault: TooLargeError. */
	maxItemBytes: number;
	/** When the input goes on where it was left: the index of its first item. */
	firstIndex?: number;
	/** The same: the `endByte` it was left at. */
	startByte?: number;
}

const NONE: Buffer = Buffer.alloc(0);
const BOM = Buffer.from("\ufeff");
/** At most so much is kept of an item that is too long. */
const KEPT_BYTES = 1024;

/**
 * The work that all formats share: holding chunks, counting, finding pieces, faults. A format says where an item ends.
 * All offsets are the input's, unless they are called an index.
 */
export abstract class ScanningCutter implements Cutter {
	/** What an item is called in messages. */
	protected abstract readonly noun: string;
	/** Of these an item may consist and be none; a carriage return at the end of the last item goes too. Empty: every item is one. */
	protected abstract readonly blanks: readonly number[];
	/** Blank items stay in the pieces, uncounted. */
	protected readonly keepsBlanks: boolean = false;
	/** Set by a format: no item begins after the end that was found. */
	protected isOver = false;

	readonly #maxItemBytes: number;
	readonly #startByte: number;
	#index: number;
	#isFinished = false;
	#hasBegun = false;
	/** The input's first bytes, until it can be told whether they are a byte order mark. */
	#first = NONE;
	/** Chunks from the item's beginning on; the last is the one that is scanned. */
	#held: Buffer[] = [];
	#heldStart: number;
	#chunk = NONE;
	#chunkStart: number;
	/** Where in the chunk scanning goes on. */
	#at = 0;
	#waiting: Buffer[] = [];
	#inputEnd: number;
	#itemStart: number;
	/** The end of the item, if it has been found and not been taken. */
	#itemEnd = -1;
	/** Of an item that is too long, and is no longer held. */
	#beginning: Buffer | undefined;

	constructor({ maxItemBytes, firstIndex = 0, startByte = 0 }: CutterOptions) {
		this.#maxItemBytes = maxItemBytes;
		this.#startByte = startByte;
		this.#index = firstIndex;
		this.#heldStart = startByte;
		this.#chunkStart = startByte;
		this.#inputEnd = startByte;
		this.#itemStart = startByte;
	}

	/** Sets `isOver` if no item begins behind the end it finds. @returns the index of what ends the item; -1 if that is not in this chunk: the next call is about the next one */
	protected abstract scan(chunk: Buffer, at: number): number;

	/** Passes what stands before the first item. @returns the index where that begins; -1 if not in this chunk */
	protected begin(_chunk: Buffer, at: number): number {
		return at;
	}

	/** Looks at what stands behind the last item. */
	protected checkRest(_chunk: Buffer, _at: number): void {}

	/** Nothing follows, though no format has said that it is over. */
	protected checkEnd(_inputEnd: number): void {}

	/** @param index in the chunk that is scanned */
	protected offsetOf(index: number): number {
		return this.#chunkStart + index;
	}

	get bufferedBytes(): number {
		return (
			this.#inputEnd -
			(this.#beginning ? this.offsetOf(this.#at) : this.#itemStart)
		);
	}

	get isDone(): boolean {
		return (
			this.#isFinished &&
			this.isOver &&
			this.#itemEnd < 0 &&
			this.offsetOf(this.#at) === this.#inputEnd
		);
	}

	push(chunk: Buffer): void {
		const isFirst = this.#inputEnd - this.#startByte < BOM.length;
		this.#inputEnd += chunk.length;
		if (isFirst && this.#startByte === 0) {
			this.#first =
				this.#first.length === 0 ? chunk : Buffer.concat([this.#first, chunk]);
			if (this.#inputEnd >= BOM.length) this.#pushFirst();
		} else if (chunk.length > 0) this.#waiting.push(chunk);
	}

	finish(): void {
		this.#isFinished = true;
		this.#pushFirst();
	}

	/** The byte order mark, if there is one, becomes a chunk that is passed. */
	#pushFirst(): void {
		const first = this.#first;
		this.#first = NONE;
		if (first.length === 0) return;
		if (first.subarray(0, BOM.length).equals(BOM)) {
			this.#chunkStart = BOM.length;
			this.#heldStart = BOM.length;
			this.#itemStart = BOM.length;
			if (first.length > BOM.length)
				this.#waiting.push(first.subarray(BOM.length));
		} else this.#waiting.push(first);
	}

	take(maxItems: number, maxBytes: number): Cut | undefined {
		if (!this.#hasBegun && !this.#begin()) return undefined;
		const pieces: Buffer[] = [];
		let count = 0;
		let startByte = 0;
		let endByte = 0;
		let pieceStart = 0;
		let pieceEnd = 0;
		while (count < maxItems) {
			const end = this.#findEnd(count > 0);
			if (end < 0) break;
			const start = this.#itemStart;
			if (end - start > this.#maxItemBytes) {
				if (count > 0) break;
				return this.#fault(end);
			}
			if (this.#isBlank(start, end)) {
				this.#passItem(end);
				continue;
			}
			if (count === 0) {
				startByte = start;
				pieceStart = start;
			} else if (end - startByte > maxBytes) break;
			else if (start > endByte && !this.keepsBlanks) {
				this.#give(pieces, pieceStart, endByte);
				pieceStart = start;
			}
			this.#passItem(end);
			count++;
			pieceEnd = end;
			endByte = this.#itemStart;
		}
		if (count === 0) {
			this.#give([], this.#itemStart, this.#itemStart);
			return undefined;
		}
		this.#give(pieces, pieceStart, pieceEnd);
		if (this.blanks.length > 0) trimEnd(pieces);
		let bytes = 0;
		for (const piece of pieces) bytes += piece.length;
		const firstIndex = this.#index;
		this.#index += count;
		return { firstIndex, count, pieces, bytes, startByte, endByte };
	}

	#begin(): boolean {
		do {
			const index = this.begin(this.#chunk, this.#at);
			this.#at = index < 0 ? this.#chunk.length : index;
			this.#itemStart = this.offsetOf(this.#at);
			this.#hasBegun = index >= 0;
		} while (!this.#hasBegun && this.#nextChunk());
		if (!this.#hasBegun && this.#isFinished) this.checkEnd(this.#inputEnd);
		return this.#hasBegun;
	}

	/** @param hasItems there are whole items before it, which go first */
	#findEnd(hasItems: boolean): number {
		if (this.#itemEnd >= 0) return this.#itemEnd;
		if (this.isOver) {
			if (!hasItems) this.#passRest();
			return -1;
		}
		do {
			const index =
				this.#at < this.#chunk.length ? this.scan(this.#chunk, this.#at) : -1;
			if (index >= 0) {
				this.#at = index + 1;
				this.#itemEnd = this.#chunkStart + index;
				return this.#itemEnd;
			}
			this.#at = this.#chunk.length;
		} while (this.#nextChunk());
		if (hasItems) return -1;
		if (this.#isFinished) {
			this.checkEnd(this.#inputEnd);
			this.isOver = true;
			if (this.#itemStart < this.#inputEnd) this.#itemEnd = this.#inputEnd;
		} else this.#dropLong();
		return this.#itemEnd;
	}

	#nextChunk(): boolean {
		const next = this.#waiting.shift();
		if (!next) return false;
		this.#chunkStart += this.#chunk.length;
		this.#chunk = next;
		this.#at = 0;
		if (this.#beginning || !this.#hasBegun || this.isOver) this.#holdChunk();
		else this.#held.push(next);
		return true;
	}

	/** Holds the chunk that is scanned, and none before it. */
	#holdChunk(): void {
		this.#held = [this.#chunk];
		this.#heldStart = this.#chunkStart;
	}

	#passRest(): void {
		do {
			this.checkRest(this.#chunk, this.#at);
			this.#at = this.#chunk.length;
			this.#itemStart = this.offsetOf(this.#at);
		} while (this.#nextChunk());
	}

	/** The next item begins behind what ends this one. */
	#passItem(end: number): void {
		this.#itemEnd = -1;
		this.#itemStart = this.isOver ? end : end + 1;
	}

	/** Keeps the beginning of an item that is already too long. */
	#dropLong(): void {
		const end = this.offsetOf(this.#at);
		if (this.#beginning || end - this.#itemStart <= this.#maxItemBytes) return;
		this.#beginning = this.#beginningOf(end);
		this.#holdChunk();
	}

	/** A copy: a view would hold a whole chunk. */
	#beginningOf(end: number): Buffer {
		const pieces: Buffer[] = [];
		this.#give(
			pieces,
			this.#itemStart,
			Math.min(end, this.#itemStart + Math.min(this.#maxItemBytes, KEPT_BYTES)),
		);
		return Buffer.concat(pieces);
	}

	#fault(end: number): Cut {
		const beginning = this.#beginning ?? this.#beginningOf(end);
		this.#beginning = undefined;
		const startByte = this.#itemStart;
		this.#passItem(end);
		this.#give([], end, end);
		return {
			firstIndex: this.#index++,
			count: 1,
			pieces: [beginning],
			bytes: beginning.length,
			startByte,
			endByte: this.#itemStart,
			fault: {
				message: `the ${this.noun} is ${end - startByte} bytes, the limit is ${this.#maxItemBytes} bytes; make it smaller, or store it as data and send its address`,
				errorType: "TooLargeError",
			},
		};
	}

	#isBlank(start: number, end: number): boolean {
		if (this.blanks.length === 0) return false;
		if (start >= this.#chunkStart)
			return this.#areBlank(
				this.#chunk,
				start - this.#chunkStart,
				end - this.#chunkStart,
			);
		let at = this.#heldStart;
		for (const chunk of this.#held) {
			if (!this.#areBlank(chunk, start - at, end - at)) return false;
			at += chunk.length;
		}
		return true;
	}

	#areBlank(chunk: Buffer, from: number, to: number): boolean {
		const end = Math.min(to, chunk.length);
		for (let index = Math.max(from, 0); index < end; index++)
			if (!this.blanks.includes(chunk[index] as number)) return false;
		return true;
	}

	/** Adds these bytes to the pieces, and lets go of the chunks before their end. */
	#give(pieces: Buffer[], from: number, to: number): void {
		for (;;) {
			const [chunk = NONE] = this.#held;
			const index = this.#heldStart;
			const piece = chunk.subarray(Math.max(0, from - index), to - index);
			if (piece.length > 0) pieces.push(piece);
			if (this.#held.length < 2 || index + chunk.length > to) return;
			this.#held.shift();
			this.#heldStart += chunk.length;
		}
	}
}

/** What stands before a newline in some files is none of the line's. */
function trimEnd(pieces: Buffer[]): void {
	const last = pieces.at(-1);
	if (last?.at(-1) !== 13) return;
	pieces.pop();
	if (last.length > 1) pieces.push(last.subarray(0, -1));
}
