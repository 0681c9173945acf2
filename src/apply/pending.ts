import type { Cut } from "../items/cut.ts";

/** Items that wait for a worker again. */
export interface PendingCut {
	cut: Cut;
	/** One by one: one of them has ended its worker. */
	isDoubtful: boolean;
}

/** Parts of slices that ended early, by their place in the input: what others wait behind comes first. */
export class Pending {
	readonly #cuts: PendingCut[] = [];

	get length(): number {
		return this.#cuts.length;
	}

	get isDoubtful(): boolean {
		return this.#cuts[0]?.isDoubtful ?? false;
	}

	add(cut: Cut | undefined, isDoubtful = false): void {
		if (!cut) return;
		const isBehind = (other: PendingCut) =>
			other.cut.firstIndex > cut.firstIndex;
		const at = this.#cuts.findIndex(isBehind);
		const last = this.#cuts.length;
		this.#cuts.splice(at < 0 ? last : at, 0, { cut, isDoubtful });
	}

	shift(): PendingCut | undefined {
		return this.#cuts.shift();
	}
}
