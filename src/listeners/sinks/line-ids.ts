const BEGIN = Buffer.from('{"messageId":"');
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NEWLINE = 0x0a;
const NOTHING = Buffer.alloc(0);
/** A line whose id does not end within this has none that we know. */
const MAX_START_BYTES = 8192;

/** Finds the message ids at the starts of lines, in text that comes in pieces; the rest of a line is not looked at. */
export class LineIds {
	/** The beginning of a line. */
	#start: Buffer = NOTHING;
	#isInside = false;

	*read(chunk: Buffer): Generator<string> {
		const text =
			this.#start.length > 0 ? Buffer.concat([this.#start, chunk]) : chunk;
		this.#start = NOTHING;
		for (let at = 0; ; ) {
			if (this.#isInside) {
				const newline = text.indexOf(NEWLINE, at);
				if (newline < 0) return;
				at = newline + 1;
			}
			const end = idEnd(text, at);
			this.#isInside = end !== "more" || text.length - at > MAX_START_BYTES;
			if (!this.#isInside) {
				this.#start = text.subarray(at);
				return;
			}
			if (typeof end !== "number") continue;
			const id = parsed(text.toString("utf8", at + BEGIN.length - 1, end));
			if (id !== undefined) yield id;
		}
	}
}

/** @returns the index behind the id's quote; `none` if the line has no id, `more` if that is not to be seen yet */
function idEnd(text: Buffer, start: number): number | "none" | "more" {
	const begun = text.subarray(start, start + BEGIN.length);
	if (!begun.equals(BEGIN.subarray(0, begun.length))) return "none";
	for (let at = start + BEGIN.length; ; at++) {
		at = text.indexOf(QUOTE, at);
		if (at < 0 || begun.length < BEGIN.length) return "more";
		if (!isEscaped(text, at)) return at + 1;
	}
}

function isEscaped(text: Buffer, at: number): boolean {
	let before = at;
	while (text[before - 1] === BACKSLASH) before--;
	return (at - before) % 2 === 1;
}

/** @returns `undefined` for what is no JSON: somebody has edited the line */
function parsed(id: string): string | undefined {
	try {
		return JSON.parse(id);
	} catch {
		return undefined;
	}
}
