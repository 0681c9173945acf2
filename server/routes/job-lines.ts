import { pipeline, type Readable } from "node:stream";
import type { FastifyReply } from "fastify";
import { gzip, takesGzip } from "../gzip.ts";
import { LINES_TYPE } from "../media-type.ts";

/** Answers with lines as they come; an error on the way cuts the connection, so that nobody takes a part for the whole. */
export function sendLines(lines: Readable, reply: FastifyReply): FastifyReply {
	reply.type(LINES_TYPE).header("vary", "accept-encoding");
	if (!takesGzip(reply.request.headers["accept-encoding"]))
		return reply.send(lines);
	reply.header("content-encoding", "gzip");
	// Before the first byte an error is still an answer, and not packed.
	lines.once("error", () => reply.removeHeader("content-encoding"));
	return reply.send(pipeline(lines, gzip(), () => {}));
}
