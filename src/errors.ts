/**
 * Every way a call can fail, by code. Callers of the engine compare codes, never texts. The first group
 * is answered in the envelope with HTTP 200 (api-contract §3.8 a), the second with a status of its own (b).
 */
export const ERROR_TYPES = {
	ALGORITHM_FAILED: "AlgorithmError",
	LOADING_FAILED: "LoadingError",
	TIMED_OUT: "TimeoutError",
	OUT_OF_MEMORY: "OutOfMemoryError",
	EXITED: "SystemExit",
	OUTPUT_TOO_LARGE: "TooLargeError",

	NO_KEY: undefined,
	UNKNOWN_KEY: undefined,
	FORBIDDEN: undefined,
	NOT_FOUND: undefined,
	PATH_NOT_FOUND: undefined,
	CONFLICT: undefined,
	BAD_REQUEST: undefined,
	INPUT_TOO_LARGE: "TooLargeError",
	UNSUPPORTED_TYPE: undefined,
	QUEUE_FULL: undefined,
	TOO_MANY_SESSIONS: undefined,
	TOO_MANY_CHILDREN: undefined,
	SHUTTING_DOWN: undefined,
	CLIENT_GONE: undefined,
	RANGE_NOT_SATISFIABLE: undefined,
	STORAGE_FULL: undefined,
	NOT_IMPLEMENTED: undefined,
	UNREACHABLE: undefined,
	PARENT_OVER: undefined,
	INTERNAL: undefined,
} as const;

export type ErrorCode = keyof typeof ERROR_TYPES;

const OWN_FAULTS = [
	"InputError",
	"ParsingError",
	"TooLargeError",
	"UnsupportedError",
];

/** Whether an input itself is at fault, so that to try again cannot help (interface §9, `maxAttempts`). */
export const isOwnFault = (errorType: string | undefined): boolean =>
	errorType !== undefined && OWN_FAULTS.includes(errorType);

/** The text of a call that was ended, for its time or its memory (api-contract §3.8, fixed texts). */
const ENDED_TEXT =
	"Failed to run algorithm - may have timed-out or hit out-of-memory error";

interface AlgoErrorOptions {
	/** The author's own stack, shown to those who may see the source. */
	stack?: string | undefined;
	retryAfterSeconds?: number;
	number?: number;
	cause?: unknown;
}

/** A failure with a code. `message` is meant for the caller. */
export class AlgoError extends Error {
	override readonly name = "AlgoError";
	readonly code: ErrorCode;
	readonly authorStack: string | undefined;
	/** Whole seconds after which the same call may succeed; with QUEUE_FULL, TOO_MANY_SESSIONS, SHUTTING_DOWN. */
	readonly retryAfterSeconds: number | undefined;
	/** The platform's number, where it says more than the code's own (api-contract §13). */
	readonly number: number | undefined;

	constructor(
		code: ErrorCode,
		message: string,
		options: AlgoErrorOptions = {},
	) {
		super(message, { cause: options.cause });
		this.code = code;
		this.authorStack = options.stack;
		this.retryAfterSeconds = options.retryAfterSeconds;
		this.number = options.number;
	}

	/** The `error_type` that clients read; `undefined` for errors that are not the algorithm's. */
	get errorType(): string | undefined {
		return ERROR_TYPES[this.code];
	}
}

export const timedOut = (): AlgoError => new AlgoError("TIMED_OUT", ENDED_TEXT);

export const outOfMemory = (): AlgoError =>
	new AlgoError("OUT_OF_MEMORY", ENDED_TEXT);

/** @param exitCode -99 when unknown (api-contract §3.8) */
export const exited = (exitCode = -99): AlgoError =>
	new AlgoError("EXITED", `exited with code ${exitCode}`);

/** The texts are the original's (api-contract §2.2). */
export const noKey = (): AlgoError =>
	new AlgoError("NO_KEY", "authorization required");

export const unknownKey = (): AlgoError =>
	new AlgoError("UNKNOWN_KEY", "Unknown or invalid API key.");

export const forbidden = (): AlgoError =>
	new AlgoError(
		"FORBIDDEN",
		"Caller is not authorized to perform the operation",
	);

/** @param size in bytes, or in words where it is not known to the end */
export const inputTooLarge = (
	size: number | string,
	maxBytes: number,
): AlgoError =>
	new AlgoError(
		"INPUT_TOO_LARGE",
		`the input is ${size} bytes, the limit is ${maxBytes} bytes; send it in parts, or store it as data and send its address`,
	);

export const clientGone = (): AlgoError =>
	new AlgoError("CLIENT_GONE", "the caller hung up");

export const parentOver = (): AlgoError =>
	new AlgoError("PARENT_OVER", "the call that made this one is over");

export const shuttingDown = (): AlgoError =>
	new AlgoError("SHUTTING_DOWN", "the server is shutting down", {
		retryAfterSeconds: 5,
	});
