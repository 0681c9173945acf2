export function median(values: readonly number[]): number {
	return percentile(
		values.toSorted((a, b) => a - b),
		0.5,
	);
}

/** @param sorted ascending */
export function percentile(sorted: readonly number[], share: number): number {
	if (sorted.length === 0) throw new Error("no values");
	return sorted[Math.ceil(share * sorted.length) - 1] ?? (sorted[0] as number);
}

/** Three digits that mean something. */
export function short(value: number): string {
	return value >= 100
		? String(Math.round(value))
		: String(Number(value.toPrecision(3)));
}
