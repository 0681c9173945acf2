import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";

const SANE = /^[\w.:-]{1,128}$/;

export const newRequestId = (): string => `req-${randomUUID()}`;

/** The caller's own `X-Request-Id` if it is sane, else a new one (interface §6). */
export function requestIdOf(request: IncomingMessage): string {
	const own = request.headers["x-request-id"];
	return typeof own === "string" && SANE.test(own) ? own : newRequestId();
}
