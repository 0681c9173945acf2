import type { Caller } from "../accounts/caller.ts";
import type { Apply } from "../apply/apply.ts";
import type { Data } from "../data/data.ts";
import type { Events } from "../events.ts";

/** What listeners need of the other rooms. */
export interface ListenerHouse {
	apply: Pick<
		Apply,
		"start" | "items" | "find" | "timeoutMs" | "takesLists" | "groupSize"
	>;
	data: Data;
	/** Takes in what has changed in the folders of algorithms. */
	refresh(): Promise<void>;
	/** As whom a listener of this account calls. */
	callerOf(account: string): Caller;
	maxInputBytes: number;
	events: Events;
}
