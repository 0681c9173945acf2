import type { Caller } from "../accounts/caller.ts";
import type { ItemRunOptions } from "./item-run.ts";

/** What asks for items to be run that are not the body of one call: a stream, a job. */
export interface ItemsRequest
	extends Omit<ItemRunOptions, "concurrency" | "itemTimeoutMs"> {
	owner: string;
	name: string;
	/** Version or selector; absent for the newest public version. */
	selector?: string | undefined;
	caller: Caller;
	requestId: string;
	/** Workers at most; absent for all that the version may have. */
	concurrency?: number | undefined;
	/** Bounds each item; absent without a bound. */
	itemTimeoutMs?: number | undefined;
	/** Bounds the whole; absent without a bound. */
	timeoutMs?: number | undefined;
}
