import type { Caller } from "../accounts/caller.ts";
import type { Call } from "../runners/call.ts";
import type { Plan } from "./plan.ts";

/** What a caller asks for. */
export interface ApplyRequest {
	owner: string;
	name: string;
	/** Version or selector; absent for the newest public version. */
	selector?: string | undefined;
	caller: Caller;
	/** The caller acts as the algorithm's owner; for operators (api-contract §3.2). */
	sudo?: boolean;
	requestId: string;
	/** One of InputKind: how the bytes become the input. */
	inputKind: number;
	/** Bits of Want, without SOURCE: that follows from who calls. */
	wants: number;
	body: Buffer;
	/** The call whose code makes this one; it counts against its tree and ends with it. */
	parent?: Call | undefined;
	/** Nobody waits for it: it counts in its parent's tree by its depth only, and does not end with it. */
	isDetached?: boolean;
	/** Bounds the whole wait, queue and loading included; absent for the version's own or the server's default. */
	timeoutMs?: number | undefined;
	/** How a body that is an array is run; absent for what the manifest says. */
	batch?: Plan | undefined;
	/** Of a list: bounds each item; absent or infinite without a bound. */
	itemTimeoutMs?: number | undefined;
	/** Of a list: the first item that fails is the call's error. */
	failsAtOnce?: boolean | undefined;
}
