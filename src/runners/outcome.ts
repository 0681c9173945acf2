import type { AlgoError } from "../errors.ts";

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
