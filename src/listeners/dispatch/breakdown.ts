import type { Trouble } from "./trouble.ts";

/** While the algorithm cannot be run, one message is tried after this, then after twice as long, */
const FIRST_WAIT_MS = 500;
/** and at last after this. */
const MAX_WAIT_MS = 15_000;

/** The algorithm cannot be run, or not yet again. */
export class Breakdown {
	readonly #trouble: Trouble;
	readonly #onTry: () => void;
	#waitMs = 0;
	/** Until it fires, no message is tried. (Not a time to compare with: timers may fire before a clock says so.) */
	#timer: NodeJS.Timeout | undefined;

	/** @param onTry it is time to try a message */
	constructor(trouble: Trouble, onTry: () => void) {
		this.#trouble = trouble;
		this.#onTry = onTry;
	}

	get isOn(): boolean {
		return this.#waitMs > 0;
	}

	/** How many calls may be open, of so many if it can be run. */
	allows(concurrency: number): number {
		if (!this.isOn) return concurrency;
		return this.#timer === undefined ? 1 : 0;
	}

	/** A message could not be run. */
	begin(reason: string): void {
		if (this.#timer !== undefined) return; // of a list all say so
		this.#waitMs = Math.min(
			Math.max(FIRST_WAIT_MS, this.#waitMs * 2),
			MAX_WAIT_MS,
		);
		this.#trouble.hold("algorithm", reason);
		this.#timer = setTimeout(() => {
			this.#timer = undefined;
			this.#onTry();
		}, this.#waitMs);
	}

	/** A message could be run. */
	end(): void {
		if (!this.isOn) return;
		this.close();
		this.#waitMs = 0;
		this.#trouble.release("algorithm");
	}

	close(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
	}
}
