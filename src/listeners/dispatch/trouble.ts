/** What can keep a listener from going on. */
export type TroubleSpot =
	| "source"
	| "algorithm"
	| "results"
	| "dead letters"
	| "retries";

/** Why a listener does not go on, as long as it does not. */
export class Trouble {
	readonly #reasons = new Map<TroubleSpot, string>();
	readonly #onChange: (reason: string | undefined) => void;

	/** @param onChange told why something does not go on, and `undefined` when all does */
	constructor(onChange: (reason: string | undefined) => void) {
		this.#onChange = onChange;
	}

	/** Of several reasons the first. */
	get reason(): string | undefined {
		const [first] = this.#reasons.values();
		return first;
	}

	has(spot: TroubleSpot): boolean {
		return this.#reasons.has(spot);
	}

	hold(spot: TroubleSpot, reason: string): void {
		this.#change(() => this.#reasons.set(spot, reason));
	}

	release(spot: TroubleSpot): void {
		if (this.#reasons.has(spot)) this.#change(() => this.#reasons.delete(spot));
	}

	/** All begins anew. */
	clear(): void {
		this.#change(() => this.#reasons.clear());
	}

	#change(work: () => void): void {
		const before = this.reason;
		work();
		if (this.reason !== before) this.#onChange(this.reason);
	}
}
