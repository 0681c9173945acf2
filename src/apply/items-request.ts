import type { AlgoError } from "../errors.ts";
import type { Cut } from "../items/cut.ts";
import type { ItemOutcomes } from "../runners/slice.ts";
import type { ApplyRequest } from "./request.ts";

/**
 * For which outcomes there is room: for those of the first item that has none only, because others wait behind it, or for
 * none, because nobody takes them. What runs beyond that stops behind its item.
 */
export type Room = "all" | "first" | "none";

/** Where the items of a run come from, and where their outcomes go. */
export interface ItemRunOptions {
	/** One of Form: how cuts stand. */
	form: number;
	/** One of InputKind: how the bytes of an item become its input. */
	inputKind: number;
	/** Bits of SliceFlag: AS_LINES, ECHO_ID. */
	flags: number;
	/** Behind all that somebody waits for. */
	isBackground: boolean;
	/** Workers at most. */
	concurrency: number;
	/** Infinite without a bound. */
	itemTimeoutMs: number;
	/** The next items; `undefined`: none now. Then `more()` says when there are. */
	next(maxItems: number, maxBytes: number): Cut | undefined;
	/** Whether `next` will never give any again. */
	isDone(): boolean;
	/** Where that is known: so that the last slices are not larger than the others. */
	bytesLeft?(): number;
	/** Absent: for all. When there is room again, `more()` says so. */
	room?(): Room;
	/** Groups come in any order; within one, items are consecutive. Once for each item. */
	onOutcomes(outcomes: ItemOutcomes): void;
	/** What the code of a slice printed, if the call wants that. */
	onPrinted?(firstIndex: number, text: Buffer): void;
	/** Once: all outcomes have been told, or why the others have none. */
	onEnd(error: AlgoError | undefined): void;
}

/** What asks for items to be run that are not the body of one call: a stream, a job. */
export interface ItemsRequest
	extends Omit<ItemRunOptions, "concurrency" | "itemTimeoutMs">,
		Pick<
			ApplyRequest,
			"owner" | "name" | "selector" | "caller" | "sudo" | "requestId" | "parent"
		> {
	/** Workers at most; absent for what the manifest says: one, or all that the version may have. */
	concurrency?: number | undefined;
	/** Bounds each item; absent without a bound, but for the version's own if nothing bounds the whole. */
	itemTimeoutMs?: number | undefined;
	/** Bounds the whole; absent for the version's own, and without a bound if nobody waits for it. */
	timeoutMs?: number | undefined;
}
