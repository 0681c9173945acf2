/** How often values fell between given bounds: plain numbers, as prom-client's labels cost more than a short call. */
export class Histogram {
	readonly #bounds: readonly number[];
	readonly #counts: number[];
	#sum = 0;

	/** @param bounds upper bounds, going up */
	constructor(bounds: readonly number[]) {
		this.#bounds = bounds;
		this.#counts = new Array<number>(bounds.length + 1).fill(0);
	}

	add(value: number): void {
		let at = 0;
		while (at < this.#bounds.length && value > (this.#bounds[at] as number))
			at++;
		this.#counts[at] = (this.#counts[at] as number) + 1;
		this.#sum += value;
	}

	/** What prom-client's registry wants of it. */
	values(name: string, labels: Record<string, string>) {
		let count = 0;
		const buckets = this.#counts.map((inBucket, i) => {
			count += inBucket;
			return {
				metricName: `${name}_bucket`,
				labels: { ...labels, le: this.#bounds[i] ?? "+Inf" },
				value: count,
			};
		});
		return [
			...buckets,
			{ metricName: `${name}_sum`, labels, value: this.#sum },
			{ metricName: `${name}_count`, labels, value: count },
		];
	}
}
