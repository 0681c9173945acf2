import { AlgoError } from "../errors.ts";
import { Chunks } from "./chunks.ts";
import type { Cut, Cutter } from "./cut.ts";

export interface CutterOptions {
	/** A longer item is a fault: TooLargeError. */
	maxItemBytes: number;
	/** When the input goes on where it was left: the index of its first item. */
	firstIndex?: number;
	/** The same: the `endByte` it was left at. */
	startByte?: number;
}

/** At most so much is kept of an item that cannot be run. */
export const KEPT_BYTES = 1024;
const RETURN = 13;

/** What all formats share: counting, finding pieces, faults. A format says where an item ends. */
export abstract class ScanningCutter implements Cutter {
	/** What an item is called in messages. */
	protected abstract readonly noun: string;
	/** What consists of these only is no item. Empty: everything is one. */
	protected abstract readonly blanks: readonly number[];
	/** What is longer is not blank. */
	protected readonly maxBlankBytes: number = Number.POSITIVE_INFINITY;
	/** The pieces are as the input is: with what is blank, uncounted, and a carriage return at the end. */
	protected readonly keepsBlanks: boolean = false;
	/** A format sets it when no item begins behind the end that it has found. */
	protected isOver = false;

	readonly #maxItemBytes: number;
	readonly #chunks: Chunks;
	#index: number;
	#hasBegun = false;
	#isFinished = false;
	#itemStart: number;
	/** The end of the item, if it has been found and not been taken. */
	#itemEnd = -1;
	/** Of an item that is too long, and is no longer held. */
	#beginning: Buffer | undefined;
	#refusal: AlgoError | undefined;

	constructor({ maxItemBytes, firstIndex = 0, startByte = 0 }: CutterOptions) {
		this.#maxItemBytes = maxItemBytes;
		this.#index = firstIndex;
		this.#itemStart = startByte;
		this.#chunks = new Chunks(startByte);
	}

	/** @returns the index of what ends the item; -1 if that is not in this chunk: the next call is about the next one */
	protected abstract scan(chunk: Buffer, at: number): number;

	/** Passes what stands before the first item. @returns the index where that begins; -1 if not in this chunk */
	protected begin(_chunk: Buffer, at: number): number {
		return at;
	}

	/** Looks at what stands behind the last item. */
	protected checkRest(_chunk: Buffer, _at: number): void {}

	/** The input has ended, and no item before has been the last. */
	protected checkEnd(_chunk: Buffer): void {}

	/** The input as a whole is not of this format. @param index where in the chunk that shows */
	protected refuse(what: string, index?: number): -1 {
		const place =
			index === undefined ? "" : ` (byte ${this.#chunks.offsetOf(index)})`;
		this.#refusal ??= new AlgoError("BAD_REQUEST", what + place);
		return -1;
	}

	/** Where the first byte stands that is still needed. */
	get #needed(): number {
		return this.#beginning ? this.#chunks.scanned : this.#itemStart;
	}

	get bufferedBytes(): number {
		return this.#chunks.end - this.#needed;
	}

	get isDone(): boolean {
		return (
			this.#isFinished &&
			this.isOver &&
			this.#itemEnd < 0 &&
			!this.#refusal &&
			this.#chunks.scanned === this.#chunks.end
		);
	}

	push(chunk: Buffer): void {
		this.#chunks.push(chunk);
	}

	finish(): void {
		this.#isFinished = true;
		this.#chunks.finish();
	}

	take(maxItems: number, maxBytes: number): Cut | undefined {
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
				this.#chunks.give(pieces, pieceStart, endByte);
				pieceStart = start;
			}
			this.#passItem(end);
			count++;
			pieceEnd = end;
			endByte = this.#itemStart;
		}
		if (count === 0) return this.#nothing();
		this.#chunks.give(pieces, pieceStart, pieceEnd);
		if (this.blanks.length > 0 && !this.keepsBlanks) trimEnd(pieces);
		const bytes = pieces.reduce((sum, { length }) => sum + length, 0);
		const firstIndex = this.#index;
		this.#index += count;
		return { firstIndex, count, pieces, bytes, startByte, endByte };
	}

	#nothing(): undefined {
		if (this.#refusal) throw this.#refusal;
		this.#chunks.give([], this.#needed, this.#needed);
	}

	/**
	 * @param hasItems there are whole items before it, which go first
	 * @returns -1 if it is not there yet
	 */
	#findEnd(hasItems: boolean): number {
		if (this.#itemEnd >= 0 || this.#refusal) return this.#itemEnd;
		const chunks = this.#chunks;
		do {
			if (!this.#hasBegun) this.#begin();
			if (this.isOver) {
				if (hasItems) return -1;
				this.#passRest();
			} else if (chunks.at < chunks.current.length) {
				const index = this.scan(chunks.current, chunks.at);
				if (index >= 0) {
					chunks.at = index + 1;
					this.#itemEnd = chunks.offsetOf(index);
					return this.#itemEnd;
				}
				chunks.at = chunks.current.length;
			}
		} while (!this.#refusal && chunks.next());
		if (this.#isFinished) this.#end();
		else if (!hasItems) this.#dropLong();
		return this.#itemEnd;
	}

	#begin(): void {
		const chunks = this.#chunks;
		if (chunks.current.length > 0) {
			const index = this.begin(chunks.current, chunks.at);
			this.#hasBegun = index >= 0;
			chunks.at = this.#hasBegun ? index : chunks.current.length;
		}
		this.#itemStart = chunks.scanned;
	}

	#passRest(): void {
		const chunks = this.#chunks;
		this.checkRest(chunks.current, chunks.at);
		chunks.at = chunks.current.length;
		this.#itemStart = chunks.scanned;
	}

	/** What is left at the end of the input is the last item. */
	#end(): void {
		if (!this.isOver) this.checkEnd(this.#chunks.current);
		if (this.isOver || this.#refusal) return;
		this.isOver = true;
		if (this.#itemStart < this.#chunks.end) this.#itemEnd = this.#chunks.end;
	}

	/** The next item begins behind what ends this one. */
	#passItem(end: number): void {
		this.#itemEnd = -1;
		this.#itemStart = this.isOver ? end : end + 1;
	}

	#isBlank(start: number, end: number): boolean {
		return (
			this.blanks.length > 0 &&
			end - start <= this.maxBlankBytes &&
			this.#chunks.areAll(start, end, this.blanks)
		);
	}

	/** Keeps no more than the beginning of an item that is already too long. */
	#dropLong(): void {
		const end = this.#chunks.scanned;
		if (end - this.#itemStart > this.#maxItemBytes)
			this.#beginning ??= this.#beginningOf(end);
	}

	/** A copy: a view would hold a whole chunk. */
	#beginningOf(end: number): Buffer {
		const most = Math.min(this.#maxItemBytes, KEPT_BYTES);
		const pieces: Buffer[] = [];
		this.#chunks.give(
			pieces,
			this.#itemStart,
			Math.min(end, this.#itemStart + most),
		);
		return Buffer.concat(pieces);
	}

	#fault(end: number): Cut {
		const beginning = this.#beginning ?? this.#beginningOf(end);
		this.#beginning = undefined;
		const startByte = this.#itemStart;
		this.#passItem(end);
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
}

/** What stands before a newline in some files is none of the line's. */
function trimEnd(pieces: Buffer[]): void {
	const last = pieces.at(-1);
	if (last?.at(-1) !== RETURN) return;
	pieces.pop();
	if (last.length > 1) pieces.push(last.subarray(0, -1));
}
