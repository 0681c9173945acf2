import { SESSION_MS } from "./group-options.ts";

/** What may fail, and for how long that concerns nobody: connections are made anew, leaders and coordinators move. */
const PATIENCE_MS = {
	"fetch records": 3_000,
	"learn where to begin": 3_000,
	commit: SESSION_MS,
	/** Whoever is silent for so long is not in the group any more, as the others see it. */
	"stay in the group": SESSION_MS,
};

export type TroubleKind = keyof typeof PATIENCE_MS;

export interface Trouble {
	what: TroubleKind;
	error: unknown;
	since: number;
}

/** What fails at the moment. */
export class Troubles {
	readonly #all = new Map<TroubleKind, Trouble>();

	begin(what: TroubleKind, error: unknown): void {
		const since = this.#all.get(what)?.since ?? performance.now();
		this.#all.set(what, { what, since, error });
	}

	end(what: TroubleKind): void {
		this.#all.delete(what);
	}

	/** One of them, lasting or not. */
	get any(): Trouble | undefined {
		const [first] = this.#all.values();
		return first;
	}

	/** @returns one that has not passed by itself */
	lasting(only?: TroubleKind): Trouble | undefined {
		return [...this.#all.values()].find(
			({ what, since }) =>
				(only ?? what) === what &&
				performance.now() - since >= PATIENCE_MS[what],
		);
	}
}
