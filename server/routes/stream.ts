import { pipeline } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import { AlgoError, type Engine, gunzip } from "../../src/index.ts";
import { failureEnvelope } from "../error-body.ts";
import { gzip, isGzip, takesGzip } from "../gzip.ts";
import { HTTP_STATUS } from "../http-status.ts";
import { LINES_TYPE } from "../media-type.ts";
import { drain } from "../plugins/payload.ts";
import {
	type CallOptions,
	type Query,
	readCallOptions,
} from "./call-options.ts";

/** Whether nobody has read its body: the type of lines (plugins/payload). */
export const isStream = ({ body, raw }: FastifyRequest): boolean =>
	body === raw;

/**
 * A call whose body is a stream of lines: each is an input, and a line of the answer is its outcome, written while others still
 * arrive (interface §4). What can be refused is refused before the first line; then the status is 200, and
 *
 * - when the time is up, or the algorithm cannot go on, the lines that were read and have no outcome get that error;
 * - when packed input is damaged, what came before is answered, and the next line says what is wrong;
 * - lines that were not read have no answer.
 *
 * A client that sends all before it reads gets stuck when the buffers on the way are full, after some MB: it must do
 * both at once.
 */
export function stream(
	engine: Engine,
	request: FastifyRequest<{
		Params: { owner: string; name: string; selector?: string };
	}>,
	reply: FastifyReply,
): void {
	const { raw, headers, params, caller, actor, id: requestId } = request;
	const response = reply.raw;
	const packed = takesGzip(headers["accept-encoding"]) ? gzip(true) : undefined;
	const output = packed ?? response;
	try {
		const options = readOptions(request, engine);
		const { sudo, timeoutMs, itemTimeoutMs, isInOrder, failsAtOnce } = options;
		const unpacked = isGzip(headers) ? gunzip() : undefined;
		engine.applyLines({
			...params,
			caller,
			sudo,
			parent: actor?.call,
			requestId,
			concurrency: concurrencyOf(options),
			timeoutMs,
			itemTimeoutMs,
			isInOrder,
			failsAtOnce,
			input: unpacked ?? raw,
			output,
			onEnd() {
				output.end();
				if (raw.readableEnded) return;
				raw.unpipe();
				drain(raw);
			},
		});
		if (unpacked) raw.pipe(unpacked);
	} catch (error) {
		drain(raw);
		refuse(reply, error);
		return;
	}
	reply.hijack();
	response.writeHead(200, {
		"Content-Type": LINES_TYPE,
		"X-Request-Id": requestId,
		Vary: "Accept-Encoding",
		...(packed && { "Content-Encoding": "gzip" }),
	});
	response.flushHeaders();
	if (packed) pipeline(packed, response, () => {});
}

/** A version that cannot be run is no failure of the request: its callers get the usual envelope (interface §9). */
function refuse(reply: FastifyReply, error: unknown): void {
	if (error instanceof AlgoError && HTTP_STATUS[error.code] === 200)
		reply
			.header("x-request-id", reply.request.id)
			.type("application/json; charset=utf-8")
			.send(failureEnvelope(error, 0, reply.request.id, 0));
	else reply.send(error);
}

/** @throws AlgoError BAD_REQUEST */
function readOptions(request: FastifyRequest, engine: Engine): CallOptions {
	const { maxTimeoutSeconds } = engine.config;
	const options = readCallOptions(request.query as Query, maxTimeoutSeconds);
	if (options.output === "void")
		throw new AlgoError(
			"BAD_REQUEST",
			"output is 'void', and a stream is answered line by line; leave it out, or submit the lines as a job",
		);
	return options;
}

/** Each line is an input, whatever `native` means for lists: only how many workers they run on is to be said. */
function concurrencyOf({ batch }: CallOptions): number | undefined {
	if (batch === "serial") return 1;
	return batch === "parallel" ? Number.POSITIVE_INFINITY : undefined;
}
