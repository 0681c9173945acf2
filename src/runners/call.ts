import type { Caller } from "../accounts/caller.ts";
import type { AlgoError, ErrorCode } from "../errors.ts";
import type { FailedOutcome, Outcome } from "./outcome.ts";

export interface CallOptions {
	requestId: string;
	caller: Caller;
	/** One of InputKind. */
	inputKind: number;
	/** Bits of Want. */
	wants: number;
	body: Buffer;
}

/** Where a call is that can still be ended: told so that it can stop working on it. */
export interface CallHolder {
	/** The call is over before its outcome came. */
	release(call: Call): void;
}

/**
 * One call on its way from admission to outcome. It has exactly one outcome: the first cause wins,
 * whether that is a result, a deadline, a dead worker or a caller who left.
 */
export class Call {
	readonly requestId: string;
	readonly caller: Caller;
	readonly inputKind: number;
	readonly wants: number;
	readonly body: Buffer;
	readonly deadlineAt: number;
	readonly createdAt: number;
	/** Who calls, as the worker is told. */
	get account(): string {
		return this.caller.account;
	}

	/** Its number on the lane that has it. */
	id = 0;
	/** The runner whose queue it is in or the lane that has it. */
	holder: CallHolder | undefined;
	/** Why it ended without an outcome from its worker. */
	endedBy: ErrorCode | undefined;
	#onOutcome: ((outcome: Outcome, call: Call) => void) | undefined;

	/** @param timeoutMs bounds the whole wait: the clock of `Runners` ends the call after it */
	constructor(
		options: CallOptions,
		timeoutMs: number,
		onOutcome: (outcome: Outcome, call: Call) => void,
	) {
		this.requestId = options.requestId;
		this.caller = options.caller;
		this.inputKind = options.inputKind;
		this.wants = options.wants;
		this.body = options.body;
		this.createdAt = performance.now();
		this.deadlineAt = this.createdAt + timeoutMs;
		this.#onOutcome = onOutcome;
	}

	get isOver(): boolean {
		return this.#onOutcome === undefined;
	}

	/** Gives the call its outcome; later ones are dropped. */
	finish(outcome: Outcome): void {
		const onOutcome = this.#onOutcome;
		if (onOutcome === undefined) return;
		this.#onOutcome = undefined;
		onOutcome(outcome, this);
	}

	/** Ends the call with an error and frees whoever works on it. */
	end(error: AlgoError): void {
		if (this.isOver) return;
		const failed: FailedOutcome = {
			kind: "failed",
			error,
			runMs: performance.now() - this.createdAt,
		};
		const { holder } = this;
		this.endedBy = error.code;
		this.finish(failed);
		holder?.release(this);
	}
}
