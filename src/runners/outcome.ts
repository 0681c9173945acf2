import type { AlgoError } from "../errors.ts";
import {
	CONTENT_TYPES,
	type OutcomeFields,
	Status,
} from "../protocol/frames.js";

/** How a call ended. `body` holds bytes that nobody on the server's side has parsed. */
export type Outcome =
	| ResultOutcome
	| ErrorOutcome
	| RefusedOutcome
	| FailedOutcome;

/** `apply` returned. */
export interface ResultOutcome {
	kind: "result";
	contentType: "json" | "text" | "binary" | "void";
	runMs: number;
	/** The envelope, or the bare result if the call asked for it. */
	body: Buffer;
}

/** The worker answered with the algorithm's error. */
export interface ErrorOutcome {
	kind: "error";
	errorType: string;
	runMs: number;
	/** The error envelope. */
	body: Buffer;
}

/** The worker did not take the body for what it claims to be. */
export interface RefusedOutcome {
	kind: "refused";
	reason: string;
}

/** The call ended on our side: its time was up, its worker died, it never started. */
export interface FailedOutcome {
	kind: "failed";
	error: AlgoError;
	runMs: number;
}

/** How a call ended, as its worker says. */
export function outcomeOf(answer: OutcomeFields): Outcome {
	const { runMs, body } = answer;
	if (answer.status === Status.RESULT)
		return {
			kind: "result",
			contentType: CONTENT_TYPES[answer.contentType] ?? "json",
			runMs,
			body,
		};
	if (answer.status === Status.ERROR)
		return { kind: "error", errorType: answer.errorType, runMs, body };
	return { kind: "refused", reason: body.toString() };
}
