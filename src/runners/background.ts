import type { Call } from "./call.ts";
import type { Crew } from "./crew.ts";
import { Slice } from "./slice.ts";
import type { Traffic } from "./traffic.ts";

/** Items that run longer hold a worker for so long that one is kept free of them anyway. */
const LONG_ITEM_MS = 100;

/** The slices of one version that nobody waits for: they get the workers that are left, and one at least. */
export class Background {
	readonly #crew: Crew;
	readonly #traffic: Traffic;
	#slices: Slice[] = [];

	constructor(crew: Crew, traffic: Traffic) {
		this.#crew = crew;
		this.#traffic = traffic;
	}

	static has(call: Call): call is Slice {
		return call instanceof Slice && call.isBackground;
	}

	get length(): number {
		return this.#slices.length;
	}

	add(slice: Slice): void {
		this.#slices.push(slice);
	}

	/** It had a worker, and has not started. */
	addBack(slice: Slice): void {
		this.#slices.unshift(slice);
	}

	remove(slice: Slice): void {
		this.#slices = this.#slices.filter((other) => other !== slice);
	}

	takeAll(): Slice[] {
		return this.#slices.splice(0);
	}

	/** Calls wait: as many slices stop behind the item that runs. */
	makeWay(calls: number): void {
		let wanted = calls;
		for (const { slice } of this.#crew.lanes) {
			if (wanted === 0) return;
			if (!slice?.isBackground) continue;
			slice.stop();
			wanted--;
		}
	}

	/** Nobody waits for a worker. */
	dispatch(): void {
		while (this.#slices.length > 0 && this.#mayRun) {
			const lane = this.#crew.idleLane;
			if (!lane) break;
			if (this.#crew.shouldYield(lane)) lane.end("ended");
			else
				lane.sendSlice(this.#slices.shift() as Slice, this.#crew.maxBatchItems);
		}
		const isShort = this.#slices.length > 0 && !this.#crew.hasSpare;
		if (isShort && this.#mayRun) this.#crew.grow();
	}

	/** Where there are more workers than one, one is kept free while people call, or if it would be held for long. */
	get #mayRun(): boolean {
		let running = 0;
		for (const { slice } of this.#crew.lanes)
			if (slice?.isBackground) running++;
		const { maxWorkers, itemEstimate } = this.#crew;
		const keepsOneFree =
			this.#traffic.isRecent || (itemEstimate.ms ?? 0) > LONG_ITEM_MS;
		return running < Math.max(1, keepsOneFree ? maxWorkers - 1 : maxWorkers);
	}
}
