import type { IncomingMessage } from "node:http";
import { newRequestId } from "../src/index.ts";

const SANE = /^[\w.:-]{1,128}$/;

/** The caller's own `X-Request-Id` if it is sane, else a new one (interface §6). */
export function requestIdOf(request: IncomingMessage): string {
	const own = request.headers["x-request-id"];
	return typeof own === "string" && SANE.test(own) ? own : newRequestId();
}
