import { Readable } from "node:stream";
import type { FastifyInstance, FastifyRequest } from "fastify";
import {
	AlgoError,
	clientGone,
	type Jobs,
	type JobView,
} from "../../src/index.ts";
import { parseJson, readText } from "../data-body.ts";
import { last, type Query } from "../data-query.ts";
import { drain } from "../plugins/payload.ts";
import { jobEvents } from "./job-events.ts";
import { readJobFilter } from "./job-filter.ts";
import { sendLines } from "./job-lines.ts";
import { readJobFields, readJobQuery } from "./job-options.ts";
import { formatOf, isGzip, mayBeOptions } from "./job-upload.ts";

type OneJob = FastifyRequest<{ Params: { id: string } }>;

/** `/v1/jobs` (interface §5). */
export function jobRoutes(app: FastifyInstance, jobs: Jobs): void {
	app.register(async (scope) => {
		bodiesAsStreams(scope);
		const url = "/v1/jobs";
		const one = `${url}/:id`;
		scope.post(url, async (request, reply) => {
			const job = await make(jobs, request);
			return reply.code(201).header("location", `${url}/${job.id}`).send(job);
		});
		scope.get(url, ({ caller, query }) =>
			jobs.list(caller, readJobFilter(query as Query)),
		);
		scope.get(one, ({ caller, params }: OneJob) =>
			jobs.show(caller, params.id),
		);
		for (const change of ["cancel", "resume", "retry"] as const)
			scope.post(`${one}/${change}`, ({ caller, params }: OneJob) =>
				jobs[change](caller, params.id),
			);
		scope.delete(one, async ({ caller, params }: OneJob, reply) => {
			await jobs.remove(caller, params.id);
			return reply.code(204).send();
		});
		// To answer a HEAD, all of a stream would have to be made.
		const streams = { exposeHeadRoute: false };
		scope.get(`${one}/output`, streams, async (request: OneJob, reply) => {
			const { caller, params } = request;
			return sendLines(await jobs.output(caller, params.id), reply);
		});
		scope.get(`${one}/errors`, streams, async (request: OneJob, reply) => {
			const { caller, params, query } = request;
			const inputsOnly = readInputsOnly(query as Query);
			return sendLines(
				await jobs.errors(caller, params.id, { inputsOnly }),
				reply,
			);
		});
		scope.get(`${one}/events`, streams, (request: OneJob, reply) =>
			jobEvents(jobs, request.caller, request.params.id, reply),
		);
	});
}

/** A body may be an input of any size, so it is never gathered. */
function bodiesAsStreams(scope: FastifyInstance): void {
	scope.removeAllContentTypeParsers();
	scope.addContentTypeParser("*", (_, stream, done) => done(null, stream));
}

/** Of a body of options, or of options in the query and a body that is the input. */
async function make(jobs: Jobs, request: FastifyRequest): Promise<JobView> {
	const { caller, headers, raw } = request;
	const query = request.query as Query;
	const body = request.body as Readable | undefined;
	try {
		if (Object.keys(query).length === 0 && mayBeOptions(headers))
			return await jobs.submit(
				caller,
				readJobFields(parseJson(await readText(body))),
			);
		const options = readJobQuery(query);
		const format = options.format ?? formatOf(headers);
		return await jobs.upload(
			caller,
			{ ...options, format },
			body ?? Readable.from([], { objectMode: false }),
			isGzip(headers),
		);
	} catch (error) {
		if (raw.destroyed && !raw.complete) throw clientGone();
		drain(raw);
		throw error;
	}
}

/** @throws AlgoError BAD_REQUEST */
function readInputsOnly({ inputs }: Query): boolean {
	const value = last(inputs);
	if (value === undefined || value === "only") return value === "only";
	throw new AlgoError(
		"BAD_REQUEST",
		`inputs is '${value.slice(0, 100)}'; it must be only, or absent`,
	);
}
