import { pipeline, type Readable } from "node:stream";
import { constants, createGzip } from "node:zlib";
import type { FastifyReply } from "fastify";

/** Answers with lines as they come; an error on the way cuts the connection, so that nobody takes a part for the whole. */
export function sendLines(lines: Readable, reply: FastifyReply): FastifyReply {
	reply.type("application/x-ndjson").header("vary", "accept-encoding");
	if (!takesGzip(reply.request.headers["accept-encoding"]))
		return reply.send(lines);
	reply.header("content-encoding", "gzip");
	// Before the first byte an error is still an answer, and not packed.
	lines.once("error", () => reply.removeHeader("content-encoding"));
	// The processor is for algorithms: level 1 packs lines several times faster than the default and nearly as small.
	const packed = createGzip({ level: constants.Z_BEST_SPEED });
	return reply.send(pipeline(lines, packed, () => {}));
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
