import { type CutterOptions, ScanningCutter } from "./scanning-cutter.ts";

const QUOTE = 34;
const COMMA = 44;
const OPEN = 91;
const BACKSLASH = 92;
const CLOSE = 93;
const SPACES = [9, 10, 13, 32];

/** What a byte outside strings does. */
const Role = { NONE: 0, QUOTE: 1, OPEN: 2, CLOSE: 3, COMMA: 4 } as const;
const ROLES = new Uint8Array(256);
ROLES[QUOTE] = Role.QUOTE;
ROLES[COMMA] = Role.COMMA;
for (const byte of Buffer.from("[{")) ROLES[byte] = Role.OPEN;
for (const byte of Buffer.from("]}")) ROLES[byte] = Role.CLOSE;
/** Inside an element commas do nothing. */
const INNER_ROLES = ROLES.with(COMMA, Role.NONE);

/** A string of this length is probably long: its end is searched natively from there. */
const SHORT_STRING_BYTES = 40;

/**
 * Elements of a JSON array. It knows strings and brackets, no more: whether an element is JSON its worker finds out. An
 * empty element counts, so that it is that element which is refused.
 */
export class ListCutter extends ScanningCutter {
	protected override readonly noun = "element";
	protected override readonly blanks = [];
	#isInside: boolean;
	/** Of brackets that are open within the element. */
	#depth = 0;
	#isInString = false;
	#isEscaped = false;

	constructor(options: CutterOptions) {
		super(options);
		this.#isInside = (options.startByte ?? 0) > 0;
	}

	protected override begin(chunk: Buffer, at: number): number {
		for (let index = at; index < chunk.length; index++) {
			const byte = chunk[index] as number;
			if (SPACES.includes(byte)) continue;
			if (!this.#isInside) {
				if (byte !== OPEN)
					return this.refuse("the input is not a JSON array", index);
				this.#isInside = true;
			} else {
				if (byte !== CLOSE) return index;
				this.isOver = true;
				return index + 1;
			}
		}
		return -1;
	}

	protected override scan(chunk: Buffer, from: number): number {
		let depth = this.#depth;
		let roles = depth === 0 ? ROLES : INNER_ROLES;
		const length = chunk.length;
		let at = this.#isInString ? this.#passString(chunk, from) : from;
		for (; at < length; at++) {
			const role = roles[chunk[at] as number];
			if (role === Role.NONE) continue;
			if (role === Role.QUOTE) at = this.#passString(chunk, at + 1) - 1;
			else if (role === Role.COMMA) {
				this.#depth = 0;
				return at;
			} else if (role === Role.OPEN) {
				depth++;
				roles = INNER_ROLES;
			} else if (depth > 0) {
				depth--;
				if (depth === 0) roles = ROLES;
			} else {
				if (chunk[at] !== CLOSE)
					return this.refuse("the array is closed by }", at);
				this.isOver = true;
				return at;
			}
		}
		this.#depth = depth;
		return -1;
	}

	/** @returns the index behind the closing quote, or the chunk's length if that is not in it */
	#passString(chunk: Buffer, from: number): number {
		const nativeFrom = Math.min(chunk.length, from + SHORT_STRING_BYTES);
		let at = from;
		if (this.#isEscaped) at++;
		for (; at < nativeFrom; at++) {
			const byte = chunk[at];
			if (byte === BACKSLASH) at++;
			else if (byte === QUOTE) {
				this.#isInString = false;
				this.#isEscaped = false;
				return at + 1;
			}
		}
		while (at < chunk.length) {
			const found = chunk.indexOf(QUOTE, at);
			const end = found < 0 ? chunk.length : found;
			let backslash = end;
			while (backslash > at && chunk[backslash - 1] === BACKSLASH) backslash--;
			const isEscaped = (end - backslash) % 2 === 1;
			if (found >= 0 && !isEscaped) {
				this.#isInString = false;
				this.#isEscaped = false;
				return end + 1;
			}
			at = isEscaped ? end + 1 : end;
		}
		this.#isInString = true;
		this.#isEscaped = at > chunk.length;
		return chunk.length;
	}

	protected override checkRest(chunk: Buffer, at: number): void {
		for (let index = at; index < chunk.length; index++)
			if (!SPACES.includes(chunk[index] as number)) {
				this.refuse("something stands behind the array", index);
				return;
			}
	}

	protected override checkEnd(chunk: Buffer): void {
		this.refuse(
			this.#isInside
				? "the JSON array does not end: a bracket or a quote is missing"
				: "the input is not a JSON array: it is empty",
			chunk.length,
		);
	}
}
