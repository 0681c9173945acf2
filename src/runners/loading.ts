import { AlgoError } from "../errors.ts";
import { RestartDelay } from "./restart-delay.ts";

/** How the loads of one version have gone: whether it can load at all, and when to try again after a failure. */
export class Loading {
	readonly #delay = new RestartDelay(0);
	#hasSucceeded = false;
	#failure: AlgoError | undefined;

	get mayBeTried(): boolean {
		return this.#delay.remainingMs === 0;
	}

	/** What the last load failed with, as long as it is too early for another. */
	get failure(): AlgoError | undefined {
		return this.#failure && !this.mayBeTried ? this.#failure : undefined;
	}

	succeeded(): void {
		this.#hasSucceeded = true;
		this.#failure = undefined;
		this.#delay.succeeded();
	}

	/** @returns what is wrong with the version; nothing if the worker went for another reason */
	failed(error: AlgoError): AlgoError | undefined {
		// What has loaded before does not fail by itself: its process went with another worker's call.
		if (this.#hasSucceeded && error.code !== "LOADING_FAILED") return undefined;
		this.#failure =
			error.code === "EXITED"
				? new AlgoError("EXITED", `${error.message} while loading`)
				: error;
		this.#delay.failed();
		return this.#failure;
	}
}

export function loadTimedOut(afterMs: number): AlgoError {
	return new AlgoError(
		"LOADING_FAILED",
		`did not load within ${afterMs / 1000} s; raise loadTimeoutSeconds in algorithm.json if it needs longer`,
	);
}
