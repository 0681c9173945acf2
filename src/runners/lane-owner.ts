import type { AlgoError } from "../errors.ts";
import type { KillCause } from "../events.ts";
import type { Exchange } from "../protocol/frames.js";
import type { Answer, Ask, Output, Stray } from "../protocol/messages.ts";
import type { Call } from "./call.ts";

/** What code inside a call, or inside `load()`, asks for. */
export type Asked = Exchange<Ask> & { body: Buffer };

export interface Answered {
	head: Answer;
	body: Uint8Array;
}

/** What a lane tells its runner. */
export interface OwnerOf<TLane> {
	onReady(lane: TLane): void;
	/** It never came up. */
	onFailed(lane: TLane, error: AlgoError): void;
	/** It can take calls: it is idle, or has few left. */
	onFree(lane: TLane): void;
	/** These calls have not started and want another lane. */
	onReturned(calls: Call[]): void;
	onGone(lane: TLane, cause: KillCause | "ended"): void;
	/** Whether no other worker of its process runs a call. */
	isAlone(lane: TLane): boolean;
	onRun(runMs: number): void;
	onItems(count: number, runMs: number): void;
	/** Code asks for something: of a call, or of `load()` if there is none. */
	onAsk(ask: Asked, call: Call | undefined): Promise<Answered>;
	onOutput(output: Output): void;
	onStray(stray: Stray): void;
}
