interface Items {
	firstIndex: number;
	count: number;
}

/** Which items have been started and have no outcome yet: a few ranges, since what runs is what lies between those that have. */
export class Unanswered {
	#ranges: { from: number; to: number }[] = [];

	/** Items behind all that were added before. */
	add({ firstIndex, count }: Items): void {
		const last = this.#ranges.at(-1);
		if (last?.to === firstIndex) last.to += count;
		else this.#ranges.push({ from: firstIndex, to: firstIndex + count });
	}

	/** They have their outcomes: consecutive items of those that had none. */
	delete({ firstIndex, count }: Items): void {
		const at = this.#ranges.findIndex(({ to }) => to > firstIndex);
		const range = this.#ranges[at];
		if (!range) return;
		const left = [
			{ from: range.from, to: firstIndex },
			{ from: firstIndex + count, to: range.to },
		];
		this.#ranges.splice(at, 1, ...left.filter(({ from, to }) => from < to));
	}

	/** Their indexes, counting up. */
	*[Symbol.iterator](): Generator<number> {
		for (const { from, to } of this.#ranges)
			for (let index = from; index < to; index++) yield index;
	}
}
