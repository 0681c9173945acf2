import type {
	FastifyError,
	FastifyInstance,
	FastifyReply,
	FastifyRequest,
} from "fastify";
import { AlgoError, type Events, type Logger } from "../../src/index.ts";
import { errorBody, headerMessage } from "../error-body.ts";
import { HTTP_STATUS } from "../http-status.ts";
import { unsupportedType } from "../media-type.ts";
import { allowAnyOrigin, WEB_PREFIX } from "./cors.ts";

/** Every error answer is JSON with its message in `X-Error-Message` too (api-contract §0.3, §1.4). */
export function errors(
	app: FastifyInstance,
	events: Events,
	log: Logger,
): void {
	const refuse = (
		error: AlgoError,
		request: FastifyRequest,
		reply: FastifyReply,
	) => {
		const { code, message } = error;
		events.emit("refusal", { code, requestId: request.id, message });
		return sendError(reply, error);
	};
	app.setErrorHandler((thrown: FastifyError | AlgoError, request, reply) => {
		const error =
			thrown instanceof AlgoError ? thrown : fromFastify(thrown, request);
		if (error.code === "INTERNAL")
			log.error(
				{ err: thrown, requestId: request.id, url: request.url },
				"request failed",
			);
		return refuse(error, request, reply);
	});
	app.setNotFoundHandler((request, reply) => {
		const address = `${request.method} ${request.url.slice(0, 200)}`;
		return refuse(
			new AlgoError("NOT_FOUND", `${address} is no address of this server`),
			request,
			reply,
		);
	});
}

export function sendError(reply: FastifyReply, error: AlgoError): FastifyReply {
	if (reply.request.url.startsWith(WEB_PREFIX)) allowAnyOrigin(reply);
	if (error.retryAfterSeconds !== undefined)
		reply.header("retry-after", error.retryAfterSeconds);
	if (error.code === "SHUTTING_DOWN") reply.header("connection", "close");
	// Fastify would close the connection under a client that still writes, which then sees a reset and no answer.
	if (error.code === "INPUT_TOO_LARGE") reply.removeHeader("connection");
	return reply
		.code(HTTP_STATUS[error.code])
		.header("x-error-message", headerMessage(error.message))
		.header("x-request-id", reply.request.id)
		.type("application/json; charset=utf-8")
		.send(errorBody(error));
}

/** What Fastify refuses before a route sees it: a malformed address or type, a body cut short. */
function fromFastify(error: FastifyError, request: FastifyRequest): AlgoError {
	if (error.code === "FST_ERR_CTP_INVALID_MEDIA_TYPE")
		return unsupportedType(request.headers["content-type"] ?? "");
	const isCallers = error.statusCode !== undefined && error.statusCode < 500;
	return isCallers
		? new AlgoError("BAD_REQUEST", error.message, { cause: error })
		: new AlgoError("INTERNAL", "internal error", { cause: error });
}
