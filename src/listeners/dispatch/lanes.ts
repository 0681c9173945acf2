import type { InHand } from "./in-hand.ts";

const NOWHERE = -1;

/** Messages in the order in which they may run: of each group one at a time. */
export class Lanes {
	readonly #groups = new Map<string, InHand[]>();
	#ready: InHand[] = [];

	/** Those that may run now. */
	get ready(): number {
		return this.#ready.length;
	}

	add(inHand: InHand): void {
		const { group } = inHand.message;
		const lane = group === undefined ? undefined : this.#groups.get(group);
		if (lane) {
			lane.push(inHand);
			return;
		}
		if (group !== undefined) this.#groups.set(group, [inHand]);
		this.#ready.push(inHand);
	}

	/** @returns the next that may run, at most so many */
	take(count: number): InHand[] {
		return this.#ready.splice(0, count);
	}

	/** It may run again; it is the first of its group. */
	again(inHand: InHand): void {
		this.#ready.push(inHand);
	}

	/** It is gone: the next of its group may run. */
	remove(inHand: InHand): void {
		const { group } = inHand.message;
		const at =
			inHand.state === "waiting" ? this.#ready.indexOf(inHand) : NOWHERE;
		if (at !== NOWHERE) this.#ready.splice(at, 1);
		const lane = group === undefined ? undefined : this.#groups.get(group);
		if (group === undefined || !lane) return;
		const isFirst = lane[0] === inHand;
		lane.splice(lane.indexOf(inHand), 1);
		const [next] = lane;
		if (!next) this.#groups.delete(group);
		else if (isFirst) this.#ready.push(next);
	}
}
