import { type AlgoError, type ErrorCode, isOwnFault } from "../../errors.ts";
import type { Outcome } from "../../runners/outcome.ts";
import type { LetterError } from "../letter.ts";

/** What the outcome of an attempt means for its message. */
export type Verdict =
	| {
			kind: "succeeded";
			/** As JSON; bytes as a text in base64. */
			result: Buffer;
	  }
	| {
			kind: "failed";
			error: LetterError;
			/** The message itself is at fault: another attempt cannot help. */
			isFinal: boolean;
	  }
	/** The server has no room for it now. */
	| { kind: "busy"; afterMs: number }
	/** No message can be run now. */
	| { kind: "broken"; reason: string }
	/** Its turn did not come: it runs in the next call. */
	| { kind: "unrun" }
	/** It was ended because the server ends. */
	| { kind: "stopped" };

const BUSY: readonly ErrorCode[] = [
	"QUEUE_FULL",
	"TOO_MANY_SESSIONS",
	"TOO_MANY_CHILDREN",
];
const BROKEN: readonly ErrorCode[] = [
	"NOT_FOUND",
	"FORBIDDEN",
	"LOADING_FAILED",
];
const STOPPED: readonly ErrorCode[] = ["SHUTTING_DOWN", "CLIENT_GONE"];

/** @param outcome of a call that wanted the bare result */
export function verdictOf(outcome: Outcome): Verdict {
	switch (outcome.kind) {
		case "result":
			return { kind: "succeeded", result: jsonOf(outcome) };
		case "error":
			return failed(JSON.parse(outcome.body.toString()).error);
		case "refused":
			return failed({ message: outcome.reason, error_type: "ParsingError" });
		case "failed":
			return verdictOfError(outcome.error);
	}
}

export function verdictOfError(error: AlgoError): Verdict {
	const { code, message, errorType, retryAfterSeconds = 1 } = error;
	if (BUSY.includes(code))
		return { kind: "busy", afterMs: retryAfterSeconds * 1000 };
	if (BROKEN.includes(code)) return { kind: "broken", reason: message };
	if (STOPPED.includes(code)) return { kind: "stopped" };
	return failed({ message, error_type: errorType ?? code });
}

export function failed({ message, error_type }: LetterError): Verdict {
	return {
		kind: "failed",
		error: { message, error_type },
		isFinal: isOwnFault(error_type),
	};
}

const NULL = Buffer.from("null");

function jsonOf({
	contentType,
	body,
}: Extract<Outcome, { kind: "result" }>): Buffer {
	switch (contentType) {
		case "json":
			return body;
		case "void":
			return NULL;
		case "text":
			return Buffer.from(JSON.stringify(body.toString()));
		case "binary":
			return Buffer.from(`"${body.toString("base64")}"`);
	}
}
