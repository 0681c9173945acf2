import type { IncomingHttpHeaders } from "node:http";
import { constants, createGzip, type Gzip } from "node:zlib";
import { AlgoError } from "../src/index.ts";

/** Whether a body is packed. @throws AlgoError BAD_REQUEST: in another way */
export function isGzip(headers: IncomingHttpHeaders): boolean {
	const encoding = headers["content-encoding"]?.toLowerCase() ?? "identity";
	if (encoding === "gzip" || encoding === "x-gzip") return true;
	if (encoding === "identity") return false;
	throw new AlgoError(
		"BAD_REQUEST",
		`unsupported Content-Encoding '${encoding}'; send the body as it is, or with gzip`,
	);
}

/** What an `Accept-Encoding` says of gzip (RFC 9110 §12.5.3); a client that says nothing gets plain bytes. */
export function takesGzip(accepted = ""): boolean {
	const weights = new Map<string, number>();
	for (const part of accepted.toLowerCase().split(",")) {
		const [coding = "", ...parameters] = part.split(";");
		const q = parameters.map((text) => /^\s*q=(.*)$/.exec(text)?.[1]);
		weights.set(coding.trim(), Number(q.find(Boolean) ?? 1));
	}
	return (weights.get("gzip") ?? weights.get("*") ?? 0) > 0;
}

/**
 * For lines. The processor is for algorithms: level 1 packs them several times faster than the default and nearly as small.
 * @param isAtOnce what is written can be read at once, also in the middle
 */
export const gzip = (isAtOnce = false): Gzip =>
	createGzip({
		level: constants.Z_BEST_SPEED,
		flush: isAtOnce ? constants.Z_SYNC_FLUSH : constants.Z_NO_FLUSH,
	});
