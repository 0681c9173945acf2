import type { ErrorCode } from "../src/index.ts";

/** The status of each failure; the compiler keeps the table complete. The algorithm's own are 200 (api-contract §3.8 a). */
export const HTTP_STATUS = {
	ALGORITHM_FAILED: 200,
	LOADING_FAILED: 200,
	TIMED_OUT: 200,
	OUT_OF_MEMORY: 200,
	EXITED: 200,
	OUTPUT_TOO_LARGE: 200,

	NO_KEY: 401,
	UNKNOWN_KEY: 401,
	FORBIDDEN: 403,
	NOT_FOUND: 404,
	PATH_NOT_FOUND: 404,
	CONFLICT: 409,
	BAD_REQUEST: 400,
	INPUT_TOO_LARGE: 413,
	UNSUPPORTED_TYPE: 415,
	QUEUE_FULL: 429,
	TOO_MANY_SESSIONS: 429,
	TOO_MANY_CHILDREN: 429,
	SHUTTING_DOWN: 503,
	CLIENT_GONE: 499,
	RANGE_NOT_SATISFIABLE: 416,
	STORAGE_FULL: 507,
	NOT_IMPLEMENTED: 501,
	PARENT_OVER: 499,
	INTERNAL: 500,
} as const satisfies Record<ErrorCode, number>;
