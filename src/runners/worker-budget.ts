/** Whoever holds workers and can be asked to give one up. */
export interface WorkerHolder {
	/** Workers that run or idle or start. */
	readonly workers: number;
	/** Of them, all but those that wait for a call as deep, or deeper: it needs a worker of its own to end their wait. */
	workersBeside(depth: number): number;
	/** How deep in its tree the call is that waits for a worker first. */
	readonly depth: number;
	/** Workers that are being ended. */
	readonly leaving: number;
	/** When each of its idle workers became idle, the first one first; none if they may not go. */
	readonly sparesSince: readonly number[];
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
		this.#makeRoom(holder, total);
		return false;
	}

	/** Nesting may have brought more workers than the bound: as many go as there must, or none if those would not be enough. */
	#makeRoom(holder: WorkerHolder, total: number): void {
		const spares: { since: number; other: WorkerHolder }[] = [];
		let staying = total;
		for (const other of this.#holders) {
			staying -= other.leaving;
			if (other === holder) continue;
			for (const since of other.sparesSince) spares.push({ since, other });
		}
		const count = staying - this.max + 1;
		if (count > spares.length) return;
		spares.sort((a, b) => a.since - b.since);
		for (const { other } of spares.slice(0, Math.max(0, count)))
			other.giveUpSpare();
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
