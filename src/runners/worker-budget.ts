/** Whoever holds workers and can be asked to give one up. */
export interface WorkerHolder {
	/** Workers that run or idle or start. */
	readonly workers: number;
	/** Of them, all but those that wait for a call as deep, or deeper: it needs a worker of its own to end their wait. */
	workersBeside(depth: number): number;
	/** How deep in its tree the call is that waits for a worker first. */
	readonly depth: number;
	/** When its longest idle worker became idle; `undefined` if none is idle or it may not go. */
	readonly spareSince: number | undefined;
	/** Ends its longest idle worker. */
	giveUpSpare(): void;
	/** There may be room for the worker it asked for. */
	onRoom(): void;
}

/** The bound on the workers of all versions together (`--max-workers-total`). Idle ones of others are given up first. */
export class WorkerBudget {
	readonly max: number;
	readonly #holders = new Set<WorkerHolder>();
	readonly #hungry = new Set<WorkerHolder>();

	constructor(max: number) {
		this.max = max;
	}

	join(holder: WorkerHolder): void {
		this.#holders.add(holder);
	}

	leave(holder: WorkerHolder): void {
		this.#holders.delete(holder);
		this.#hungry.delete(holder);
		this.onFreed();
	}

	/** How many count while a call so deep wants one. Calls of one depth never wait for each other, so each depth can go on. */
	totalBeside(depth: number): number {
		let total = 0;
		for (const holder of this.#holders) total += holder.workersBeside(depth);
		return total;
	}

	/** @returns whether the holder may start a worker now; if not, it hears by `onRoom` */
	ask(holder: WorkerHolder): boolean {
		const total = this.totalBeside(holder.depth);
		if (total < this.max) {
			this.#hungry.delete(holder);
			return true;
		}
		this.#hungry.add(holder);
		if (total > this.max) return false; // one less would not be enough
		let spare: WorkerHolder | undefined;
		for (const other of this.#holders) {
			if (other === holder || other.spareSince === undefined) continue;
			if (
				spare?.spareSince === undefined ||
				other.spareSince < spare.spareSince
			)
				spare = other;
		}
		spare?.giveUpSpare();
		return false;
	}

	/** A holder no longer wants what it asked for. */
	withdraw(holder: WorkerHolder): void {
		this.#hungry.delete(holder);
	}

	/** Whether a worker that has just become free should go instead of taking the next call: another version has none. */
	shouldYield(holder: WorkerHolder): boolean {
		for (const other of this.#hungry) {
			if (
				other !== holder &&
				(other.workers === 0 || other.workers + 1 < holder.workers) &&
				this.totalBeside(other.depth) <= this.max
			)
				return true;
		}
		return false;
	}

	/** A worker has gone. */
	onFreed(): void {
		for (const holder of this.#hungry) {
			if (this.totalBeside(holder.depth) < this.max) holder.onRoom();
		}
	}
}
