import { randomUUID } from "node:crypto";
import {
	type AlgoError,
	type ErrorCode,
	PartlyDeleted,
	Want,
} from "../src/index.ts";

/** The platform's numbers for errors (api-contract §3.8 b, §13). */
const CODES: Partial<Record<ErrorCode, number>> = {
	NOT_FOUND: 1000,
	FORBIDDEN: 2001,
	UNKNOWN_KEY: 2002,
	BAD_REQUEST: 6001,
	NOT_IMPLEMENTED: 5005,
	INTERNAL: 5001,
};

/** Errors that can be asked about: their answer names them (api-contract §2.2, §3.8 b). */
const NAMED: ReadonlySet<ErrorCode> = new Set(["FORBIDDEN", "INTERNAL"]);

/** A call that never reached its algorithm: `{"error":{…}}` (api-contract §3.8 b). */
export function errorBody(error: AlgoError): string {
	const code = error.number ?? CODES[error.code];
	return JSON.stringify({
		error: {
			...(NAMED.has(error.code) && { id: randomUUID() }),
			...(code !== undefined && { code }),
			message: error.message,
			...(error.errorType !== undefined && { error_type: error.errorType }),
			...(error instanceof PartlyDeleted && { deleted: error.deleted }),
		},
	});
}

/**
 * A call that our side ended: the envelope that its worker could not write (api-contract §3.8 a).
 * @param wants bits of Want
 */
export function failureEnvelope(
	error: AlgoError,
	runMs: number,
	requestId: string,
	wants: number,
): string {
	const { message, errorType } = error;
	const authorStack = wants & Want.SOURCE ? error.authorStack : undefined;
	return JSON.stringify({
		error: {
			message,
			...(authorStack && { stacktrace: authorStack, stack_trace: authorStack }),
			error_type: errorType,
		},
		metadata: {
			duration: Math.max(1e-9, runMs / 1000),
			request_id: requestId,
			...(wants & Want.STDOUT && { stdout: "" }), // what it printed ended with its worker
		},
	});
}

/** `X-Error-Message`: one line, Latin letters, at most 1 KiB (api-contract §1.4). */
export function headerMessage(message: string): string {
	return message.replace(/[^\x20-\x7e]+/g, "?").slice(0, 1024);
}
