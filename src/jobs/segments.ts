const NEWLINE = 10;

/** Outcomes of consecutive items, a line each. */
export interface Segment {
	firstIndex: number;
	count: number;
	text: Buffer;
}

/** The outcomes that a shard has so far; they come in any order. */
export class Segments {
	#all: Segment[] = [];
	#isSorted = true;
	/** Items that have one. */
	count = 0;
	bytes = 0;

	add(segment: Segment): void {
		if (segment.count === 0) return;
		const last = this.#all.at(-1);
		if (last && last.firstIndex > segment.firstIndex) this.#isSorted = false;
		this.#all.push(segment);
		this.count += segment.count;
		this.bytes += segment.text.length;
	}

	/** In input order. */
	get texts(): Buffer[] {
		return this.#sorted().map(({ text }) => text);
	}

	/** The first item from this index on that has no outcome. */
	firstGap(index: number): number {
		let end = index;
		for (const { firstIndex, count } of this.#sorted()) {
			if (firstIndex > end) return end;
			end = firstIndex + count;
		}
		return end;
	}

	/** What has no outcome, from an index up to another one. */
	*gaps(from: number, to: number): Generator<{ from: number; to: number }> {
		let at = from;
		for (const { firstIndex, count } of this.#sorted()) {
			if (firstIndex > at) yield { from: at, to: firstIndex };
			at = firstIndex + count;
		}
		if (at < to) yield { from: at, to };
	}

	/** Takes out those before an index. */
	takeBefore(index: number): Segments {
		const taken = new Segments();
		const kept = new Segments();
		for (const segment of this.#all) {
			const [first, rest] = split(segment, index - segment.firstIndex);
			if (first) taken.add(first);
			if (rest) kept.add(rest);
		}
		this.#all = kept.#all;
		this.#isSorted = kept.#isSorted;
		this.count = kept.count;
		this.bytes = kept.bytes;
		return taken;
	}

	#sorted(): readonly Segment[] {
		if (!this.#isSorted) this.#all.sort((a, b) => a.firstIndex - b.firstIndex);
		this.#isSorted = true;
		return this.#all;
	}
}

/** The first lines, and the others. */
export function split(
	{ firstIndex, count, text }: Segment,
	lines: number,
): [Segment | undefined, Segment | undefined] {
	const segment = { firstIndex, count, text };
	if (lines <= 0) return [undefined, segment];
	if (lines >= count) return [segment, undefined];
	let end = 0;
	for (let line = 0; line < lines; line++) end = text.indexOf(NEWLINE, end) + 1;
	return [
		{ firstIndex, count: lines, text: text.subarray(0, end) },
		{
			firstIndex: firstIndex + lines,
			count: count - lines,
			text: text.subarray(end),
		},
	];
}
