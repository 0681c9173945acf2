import type { Caller } from "../accounts/caller.ts";

/** Who asks for data. */
export interface DataUser {
	/** With the rights that count here. */
	caller: Caller;
	/** Set when code inside an algorithm asks, on behalf of the caller. */
	inside?: Inside;
}

export interface Inside {
	/** Whose algorithm asks, and its name. */
	owner: string;
	name: string;
	/** The id of the top-level call that this one belongs to: `.session` is shared by its whole tree. */
	tree: string;
}
