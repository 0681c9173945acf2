/** What keeps a job from going on. There may be several reasons at once; the first one is told. */
export class Pauses {
	readonly #reasons = new Map<object, string>();
	readonly #onChange: (reason: string | undefined) => void;

	constructor(onChange: (reason: string | undefined) => void) {
		this.#onChange = onChange;
	}

	get reason(): string | undefined {
		const [first] = this.#reasons.values();
		return first;
	}

	/** @param what is held up */
	begin(what: object, reason: string): void {
		this.#change(() => this.#reasons.set(what, reason));
	}

	end(what: object): void {
		this.#change(() => this.#reasons.delete(what));
	}

	#change(work: () => void): void {
		const before = this.reason;
		work();
		if (this.reason !== before) this.#onChange(this.reason);
	}
}
