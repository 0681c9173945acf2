import type { IncomingMessage } from "node:http";

/**
 * The paths that clients really send, in the one form that is routed (api-contract §1.2): repeated
 * slashes at the start, `algo://` inside, slashes at the end.
 */
export function normalPath(url: string): string {
	const queryAt = url.indexOf("?");
	const pathEnd = queryAt < 0 ? url.length : queryAt;
	const isNormal =
		url.charCodeAt(1) !== 47 &&
		url.charCodeAt(pathEnd - 1) !== 47 &&
		!url.includes("algo:");
	if (isNormal || pathEnd === 1) return url;
	const path = url
		.slice(0, pathEnd)
		.replace(/^\/{2,}/, "/")
		.replace(/^(\/v1\/(?:web\/)?algo\/)algo:\/+/i, "$1")
		.replace(/(?<=[^/])\/+$/, "");
	return path + url.slice(pathEnd);
}

/** Called with each request before it is routed. @returns the address to route */
export function normalise(request: IncomingMessage): string {
	// Fastify refuses an empty type, which means no more than an absent one.
	if (request.headers["content-type"] === "")
		delete request.headers["content-type"];
	return normalPath(request.url ?? "/");
}
