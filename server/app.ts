import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import fastify, { type FastifyInstance } from "fastify";
import {
	AlgoError,
	type Engine,
	type Logger,
	localCaller,
	Metrics,
	newRequestId,
} from "../src/index.ts";
import { errorBody, headerMessage } from "./error-body.ts";
import { normalise } from "./normal-path.ts";
import { authentication, type Keys } from "./plugins/auth.ts";
import { preflight } from "./plugins/cors.ts";
import { errors, sendError } from "./plugins/errors.ts";
import { payload } from "./plugins/payload.ts";
import { requestIdOf } from "./request-id.ts";
import { algoRoutes } from "./routes/algo.ts";
import { connectorRoutes } from "./routes/connectors.ts";
import { dataRoutes } from "./routes/data.ts";
import { eventListenerRoutes } from "./routes/event-listeners.ts";
import { healthRoutes } from "./routes/health.ts";
import { hostedDataRoutes } from "./routes/hosted-data.ts";
import { jobRoutes } from "./routes/jobs.ts";
import { listenerRoutes } from "./routes/listeners.ts";
import { metricsRoutes } from "./routes/metrics.ts";

/** Node's own name for the answer under way; its own handler of malformed requests looks there too. */
type Answering = Socket & { _httpMessage?: ServerResponse };

export interface App {
	fastify: FastifyInstance;
	/** From now on `/readyz` says no. */
	stopBeingReady(reason: string): void;
}

/**
 * Builds the whole server around an engine. It does not listen.
 * @param keyring absent where callers need no key
 */
export function buildApp(
	engine: Engine,
	log: Logger,
	keyring: Keys | undefined,
): App {
	const { account, maxInputBytes, maxTimeoutSeconds } = engine.config;
	const app = fastify({
		logger: false,
		genReqId: requestIdOf,
		rewriteUrl: normalise,
		routerOptions: { maxParamLength: 16_384 }, // a name too long is a name that is not there
		// A slow upload is bounded as a call is; the default of 300 s would cut it.
		requestTimeout: maxTimeoutSeconds * 1000,
		keepAliveTimeout: 72_000,
		forceCloseConnections: "idle",
		return503OnClosing: false,
		frameworkErrors: (error, _, reply) => {
			sendError(reply, new AlgoError("BAD_REQUEST", error.message));
		},
		clientErrorHandler: answerMalformed,
	});
	const reasons: string[] = [];
	errors(app, engine.events, log);
	payload(app, maxInputBytes);
	preflight(app);
	app.register(async (callers) => {
		authentication(callers, engine, keyring, localCaller(account));
		algoRoutes(callers, engine);
		callers.register(async (resources) => {
			showRequestId(resources);
			hostedDataRoutes(resources, engine.data);
			dataRoutes(resources, engine.data);
			connectorRoutes(resources, engine.data);
			if (engine.jobs) jobRoutes(resources, engine.jobs);
			if (engine.listeners) {
				listenerRoutes(resources, engine.listeners);
				eventListenerRoutes(resources, engine.listeners.eventListeners);
			}
		});
	});
	app.register(async (others) => {
		showRequestId(others);
		healthRoutes(others, { reasons: () => reasons });
		metricsRoutes(others, new Metrics(engine));
	});
	return {
		fastify: app,
		stopBeingReady: (reason) => reasons.push(reason),
	};
}

/** For all routes of a scope, but those that write their headers themselves. */
function showRequestId(scope: FastifyInstance): void {
	scope.addHook("onRequest", (request, reply, done) => {
		reply.header("x-request-id", request.id);
		done();
	});
}

/** What is no HTTP never becomes a request; its answer is written by hand. */
function answerMalformed({ message }: Error, socket: Answering): void {
	if (!socket.writable) return;
	const { _httpMessage: answer } = socket;
	if (answer?.headersSent && !answer.writableEnded) {
		socket.destroy(); // an answer is on its way, and a second one would stand inside it
		return;
	}
	const error = new AlgoError("BAD_REQUEST", `malformed request: ${message}`);
	const body = errorBody(error);
	const head = [
		"HTTP/1.1 400 Bad Request",
		"Content-Type: application/json; charset=utf-8",
		`Content-Length: ${Buffer.byteLength(body)}`,
		`X-Error-Message: ${headerMessage(error.message)}`,
		`X-Request-Id: ${newRequestId()}`,
		"Connection: close",
	];
	socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}
