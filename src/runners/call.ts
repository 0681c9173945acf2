import type { Caller } from "../accounts/caller.ts";
import {
	type AlgoError,
	type ErrorCode,
	parentOver,
	timedOut,
} from "../errors.ts";
import type { FailedOutcome, Outcome } from "./outcome.ts";

export interface CallOptions {
	requestId: string;
	caller: Caller;
	/** One of InputKind. */
	inputKind: number;
	/** Bits of Want. */
	wants: number;
	body: Buffer;
	/** The call whose code makes this one. */
	parent?: Call | undefined;
	/** The call that this one is a part of. */
	whole?: Call;
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
	/** On the clock of performance.now(). */
	deadlineAt: number;
	readonly createdAt: number;
	/** Who calls, as the worker is told. */
	get account(): string {
		return this.caller.account;
	}

	/** Its number on the lane that has it. */
	id = 0;
	/** A batch that it was in failed as a whole: it goes into no other. */
	runsAlone = false;
	/** The runner whose queue it is in or the lane that has it. */
	holder: CallHolder | undefined;
	/** Why it ended without an outcome from its worker. */
	endedBy: ErrorCode | undefined;
	/** The call that came from outside, at the top of the tree that this one belongs to: itself, mostly. */
	readonly root: Call;
	readonly parent: Call | undefined;
	/** How many calls are above it. */
	readonly depth: number;
	/** Of a root: a name for its tree that nobody can guess; none as long as its code asked for nothing. */
	treeId: string | undefined;
	/** Of a root: calls open below it, on all levels. */
	openBelow = 0;
	#children: Set<Call> | undefined;
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
		this.parent = options.parent;
		this.root = (options.whole ?? options.parent)?.root ?? this;
		this.depth =
			options.whole?.depth ?? (options.parent ? options.parent.depth + 1 : 0);
		this.createdAt = performance.now();
		this.deadlineAt = this.createdAt + timeoutMs;
		this.#onOutcome = onOutcome;
	}

	/** Whether its code has calls open: its worker is not needed until they end. */
	get isWaiting(): boolean {
		return this.#children !== undefined && this.#children.size > 0;
	}

	/** It begins under its parent: from now on it counts there, and ends with it. */
	join(): void {
		const { parent } = this;
		if (!parent) return;
		parent.#children ??= new Set();
		parent.#children.add(this);
		this.root.openBelow++;
	}

	get isOver(): boolean {
		return this.#onOutcome === undefined;
	}

	/** Gives the call its outcome; later ones are dropped. */
	finish(outcome: Outcome): void {
		const onOutcome = this.#onOutcome;
		if (onOutcome === undefined) return;
		this.#onOutcome = undefined;
		this.#leave();
		onOutcome(outcome, this);
		for (const child of this.#children ?? []) child.end(parentOver());
	}

	#leave(): void {
		if (this.parent === undefined) return;
		const siblings = this.parent.#children;
		if (siblings?.delete(this)) this.root.openBelow--;
	}

	/** Its time is up. */
	overdue(): void {
		this.end(timedOut());
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
