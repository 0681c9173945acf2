import { setTimeout as sleep } from "node:timers/promises";
import { aborted, pause } from "../../pause.ts";
import type { Letter } from "../letter.ts";
import { type Sink, Undeliverable } from "../sink.ts";
import type { Trouble, TroubleSpot } from "./trouble.ts";

const FIRST_WAIT_MS = 500;
const MAX_WAIT_MS = 30_000;
/** When the listener ends, what is being stored has this long. */
const LATE_MS = 5000;

/** The listener ends, and the letter is nowhere. */
export class GivenUp extends Error {}

/** Puts letters into a sink, again and again, and says why nothing goes on meanwhile. */
export class Insist {
	readonly #spot: TroubleSpot;
	readonly #sink: Sink;
	readonly #trouble: Trouble;
	readonly #ending: AbortSignal;
	/** Give up what is being stored. */
	readonly #giveUp = new Set<() => void>();
	#isLate = false;
	/** Those that are tried again now. */
	readonly #stuck = new Set<Letter>();

	constructor(
		spot: TroubleSpot,
		sink: Sink,
		trouble: Trouble,
		ending: AbortSignal,
	) {
		this.#spot = spot;
		this.#sink = sink;
		this.#trouble = trouble;
		this.#ending = ending;
		void aborted(ending)
			.then(() => sleep(LATE_MS, undefined, { ref: false }))
			.then(() => {
				this.#isLate = true;
				for (const giveUp of this.#giveUp) giveUp();
			});
	}

	/** Resolves when it is stored. @throws Undeliverable, GivenUp */
	async put(letter: Letter): Promise<void> {
		for (let waitMs = FIRST_WAIT_MS; ; waitMs *= 2) {
			try {
				await this.#unlessLate(this.#sink.put(letter));
				this.#unstuck(letter);
				return;
			} catch (error) {
				if (error instanceof Undeliverable || this.#ending.aborted) {
					this.#unstuck(letter);
					throw error instanceof Undeliverable ? error : new GivenUp();
				}
				this.#stuck.add(letter);
				this.#trouble.hold(
					this.#spot,
					`${this.#spot} cannot be stored: ${(error as Error).message}`,
				);
			}
			await pause(Math.min(waitMs, MAX_WAIT_MS), this.#ending);
		}
	}

	/** Not by a race with one promise for all: that keeps something for each letter until it is settled. @throws GivenUp */
	#unlessLate(storing: Promise<void>): Promise<void> {
		return new Promise((resolve, reject) => {
			const giveUp = () => reject(new GivenUp());
			if (this.#isLate) giveUp();
			this.#giveUp.add(giveUp);
			storing.then(resolve, reject).finally(() => this.#giveUp.delete(giveUp));
		});
	}

	/** Once: whoever waits may have gone. */
	async answer(letter: Letter): Promise<void> {
		await this.#sink.answer?.(letter);
	}

	#unstuck(letter: Letter): void {
		if (this.#stuck.delete(letter) && this.#stuck.size === 0)
			this.#trouble.release(this.#spot);
	}
}
