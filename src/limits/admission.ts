import { AlgoError } from "../errors.ts";

/** Counts the calls that an account has open, and refuses those over the bound (api-contract §3.13). */
export class Admission {
	readonly #maxSessions: number;
	readonly #open = new Map<string, number>();

	constructor(maxSessions: number) {
		this.#maxSessions = maxSessions;
	}

	/** Calls open now, of all accounts. */
	get total(): number {
		let total = 0;
		for (const open of this.#open.values()) total += open;
		return total;
	}

	/** @throws AlgoError TOO_MANY_SESSIONS; otherwise each `enter` is followed by one `leave` */
	enter(account: string): void {
		const open = this.#open.get(account) ?? 0;
		if (open >= this.#maxSessions) {
			throw new AlgoError(
				"TOO_MANY_SESSIONS",
				`account ${account} has ${open} calls open, the limit is ${this.#maxSessions}; wait for one to end, or raise --max-sessions`,
				{ retryAfterSeconds: 1 },
			);
		}
		this.#open.set(account, open + 1);
	}

	leave(account: string): void {
		const open = (this.#open.get(account) ?? 1) - 1;
		if (open === 0) this.#open.delete(account);
		else this.#open.set(account, open);
	}
}
