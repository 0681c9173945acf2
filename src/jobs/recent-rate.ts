const SECONDS = 10;

/** How many things have happened a second, over the last ten. */
export class RecentRate {
	readonly #startedAt: number;
	readonly #counts = new Array<number>(SECONDS).fill(0);
	#second: number;

	/** @param now milliseconds, as all times here */
	constructor(now: number) {
		this.#startedAt = now;
		this.#second = Math.floor(now / 1000);
	}

	add(count: number, now: number): void {
		this.#turn(now);
		this.#counts[this.#second % SECONDS] =
			(this.#counts[this.#second % SECONDS] ?? 0) + count;
	}

	perSecond(now: number): number {
		this.#turn(now);
		const total = this.#counts.reduce((sum, count) => sum + count, 0);
		const seconds = Math.min(
			SECONDS - 1 + (now % 1000) / 1000,
			(now - this.#startedAt) / 1000,
		);
		return total / Math.max(seconds, 0.1);
	}

	#turn(now: number): void {
		const second = Math.floor(now / 1000);
		const passed = Math.min(second - this.#second, SECONDS);
		for (let i = 1; i <= passed; i++)
			this.#counts[(this.#second + i) % SECONDS] = 0;
		this.#second = second;
	}
}
