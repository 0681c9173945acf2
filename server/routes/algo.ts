import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import {
	AlgoError,
	type Engine,
	InputKind,
	type Outcome,
	type RunningCall,
	Want,
} from "../../src/index.ts";
import { failureEnvelope, headerMessage } from "../error-body.ts";
import { HTTP_STATUS } from "../http-status.ts";
import { inputKindOf } from "../media-type.ts";
import { endWhenClientGone } from "../plugins/client-gone.ts";
import { allowAnyOrigin, checkPage, WEB_PREFIX } from "../plugins/cors.ts";
import { sendError } from "../plugins/errors.ts";
import { sendSoon } from "../send-soon.ts";
import {
	type CallOptions,
	type Query,
	readCallOptions,
} from "./call-options.ts";

interface Params {
	owner: string;
	name: string;
	selector?: string;
}

const EMPTY = Buffer.alloc(0);

/**
 * `POST /v1/algo/:owner/:name[/:version]` (api-contract §3), and its twin for browsers under `/v1/web/algo`
 * (§4).
 */
export function algoRoutes(app: FastifyInstance, engine: Engine): void {
	const { maxTimeoutSeconds } = engine.config;
	const handler = (
		request: FastifyRequest<{ Params: Params }>,
		reply: FastifyReply,
	): void => {
		if (engine.isStale) {
			engine.refresh().then(
				() => call(request, reply),
				(error) => reply.send(error),
			);
		} else call(request, reply);
	};

	/** Plain callbacks and the bare response: this is the path that every call takes. */
	function call(
		request: FastifyRequest<{ Params: Params }>,
		reply: FastifyReply,
	): void {
		const { owner, name, selector } = request.params;
		const requestId = request.id;
		const body = (request.body as Buffer | undefined) ?? EMPTY;
		let options: CallOptions;
		let running: RunningCall;
		try {
			options = readCallOptions(request.query as Query, maxTimeoutSeconds);
			const { wants, timeoutMs } = options;
			const inputKind = readInputKind(request, body);
			running = engine.apply(
				{
					owner,
					name,
					selector,
					caller: request.caller,
					parent: request.actor?.call,
					isDetached: options.output === "void",
					sudo: options.sudo,
					requestId,
					inputKind,
					wants,
					body,
					timeoutMs,
					batch: options.batch,
					failsAtOnce: options.failsAtOnce,
					itemTimeoutMs: options.itemTimeoutMs,
				},
				(outcome, over) => {
					if (options.output !== "void")
						sendOutcome(reply, requestId, options, outcome, over);
				},
			);
		} catch (error) {
			reply.send(error);
			return;
		}
		if (options.output === "void") {
			reply
				.header("x-request-id", requestId)
				.type("application/json; charset=utf-8")
				.send(`{"async":"void","request_id":"${requestId}"}`);
		} else endWhenClientGone(reply.raw, running);
	}

	const webHandler: typeof handler = (request, reply) => {
		checkPage(request);
		allowAnyOrigin(reply);
		handler(request, reply);
	};

	for (const version of ["", "/:selector"]) {
		app.post(`/v1/algo/:owner/:name${version}`, handler);
		app.post(`${WEB_PREFIX}algo/:owner/:name${version}`, webHandler);
	}
}

/** @throws AlgoError UNSUPPORTED_TYPE, BAD_REQUEST */
function readInputKind({ headers }: FastifyRequest, body: Buffer): number {
	const kind = inputKindOf(headers["content-type"] ?? "");
	const encoding = headers["content-encoding"]?.toLowerCase() ?? "identity";
	if (encoding === "identity")
		return kind === InputKind.UNTYPED && body.length === 0
			? InputKind.JSON
			: kind;
	if (encoding === "base64" && kind === InputKind.BINARY)
		return InputKind.BASE64;
	throw new AlgoError(
		"BAD_REQUEST",
		`unsupported Content-Encoding '${encoding}'; send the body as it is, or base64 with application/octet-stream`,
	);
}

const JSON_TYPE = "application/json; charset=utf-8";
const RAW_TYPES = {
	json: JSON_TYPE,
	text: "text/plain; charset=utf-8",
	binary: "application/octet-stream",
	void: "text/plain; charset=utf-8",
};

function sendOutcome(
	reply: FastifyReply,
	requestId: string,
	options: CallOptions,
	outcome: Outcome,
	call: RunningCall,
): void {
	if (outcome.kind === "refused") {
		sendError(reply, new AlgoError("BAD_REQUEST", outcome.reason));
		return;
	}
	if (outcome.kind === "failed" && HTTP_STATUS[outcome.error.code] !== 200) {
		sendError(reply, outcome.error);
		return;
	}
	const { runMs } = outcome;
	const body =
		outcome.kind === "failed"
			? Buffer.from(
					failureEnvelope(outcome.error, runMs, requestId, call.wants),
				)
			: outcome.body;
	if ((call.wants & Want.BARE) === 0) {
		const envelope = withExtras(body, options, runMs, call);
		sendSoon(reply, 200, JSON_TYPE, envelope, requestId);
	} else if (outcome.kind === "result") {
		const type = RAW_TYPES[outcome.contentType];
		const duration = ["X-Algorithmia-Duration", String(runMs / 1000)];
		sendSoon(reply, 200, type, body, requestId, duration);
	} else {
		// Clients take a raw reply's body for the result, so there a failure needs a status (api-contract §3.6).
		const message = headerMessage(JSON.parse(body.toString()).error.message);
		sendSoon(reply, 400, JSON_TYPE, body, requestId, [
			"X-Error-Message",
			message,
		]);
	}
}

/** What only the server knows goes into the envelope's last member, `metadata`, which ends in `}}`. */
function withExtras(
	envelope: Buffer,
	options: CallOptions,
	runMs: number,
	call: RunningCall,
): Buffer {
	const { timing, alert } = options;
	if (!timing && alert === undefined) return envelope;
	let text = envelope.toString("latin1").slice(0, -2);
	// `alerts` is the only list that a worker can leave at the end.
	if (alert !== undefined)
		text = text.endsWith("]")
			? `${text.slice(0, -1)},${JSON.stringify(alert)}]`
			: `${text},"alerts":[${JSON.stringify(alert)}]`;
	if (timing)
		text += `,"timing":{"running":${runMs / 1000},"total":${(performance.now() - call.createdAt) / 1000}}`;
	return Buffer.from(`${text}}}`, "latin1");
}
