import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import {
	AlgoError,
	type ByteRange,
	clientGone,
	type Data,
	type DataUser,
	type DirectoryPage,
	type OpenFile,
	writeAcl,
} from "../../src/index.ts";
import { byteRangeOf } from "../byte-range.ts";
import { dataPathOf } from "../data-address.ts";
import { readNewAcl, readNewDirectory, readText } from "../data-body.ts";
import { isTrue, type Query, readPage } from "../data-query.ts";
import { dataUserOf } from "../data-user.ts";
import { fileHeaders, isUnchanged, partHeaders } from "../file-headers.ts";
import { drain } from "../plugins/payload.ts";

const JSON_TYPE = "application/json; charset=utf-8";

/** `/v1/data/PATH` and `/v1/connector/ID/PATH`, which are the same (api-contract §5). */
export function dataRoutes(app: FastifyInstance, data: Data): void {
	app.register(async (scope) => {
		bodiesAsStreams(scope);
		for (const url of [
			"/v1/data",
			"/v1/data/*",
			"/v1/connector/:connector",
			"/v1/connector/:connector/*",
		]) {
			scope.head(url, (request, reply) => head(data, request, reply));
			scope.get(url, { exposeHeadRoute: false }, (request, reply) =>
				get(data, request, reply),
			);
			scope.put(url, (request, reply) => put(data, request, reply));
			scope.post(url, (request, reply) => post(data, request, reply));
			scope.patch(url, (request, reply) => patch(data, request, reply));
			scope.delete(url, (request, reply) => remove(data, request, reply));
		}
	});
}

/** A body is a stream of bytes, whatever type it claims: some clients send none, others a wrong one (api-contract §1.3). */
function bodiesAsStreams(scope: FastifyInstance): void {
	scope.addHook("onRequest", (request, _, done) => {
		delete request.raw.headers["content-type"];
		done();
	});
	scope.removeAllContentTypeParsers();
	scope.addContentTypeParser("*", (_, stream, done) => done(null, stream));
}

const pathOf = (request: FastifyRequest): string =>
	dataPathOf(request.raw.url ?? "");

const queryOf = (request: FastifyRequest): Query => request.query as Query;

async function head(
	data: Data,
	request: FastifyRequest,
	reply: FastifyReply,
): Promise<FastifyReply> {
	const file = await data.stat(dataUserOf(request), pathOf(request));
	if (file === undefined)
		return reply.header("x-data-type", "directory").type(JSON_TYPE).send();
	return reply.headers(fileHeaders(file, request.headers.accept)).send();
}

async function get(
	data: Data,
	request: FastifyRequest,
	reply: FastifyReply,
): Promise<FastifyReply> {
	const user = dataUserOf(request);
	const path = pathOf(request);
	const range = byteRangeOf(request.headers);
	const file = await open(data, user, path, range, reply);
	if (file !== undefined)
		return sendFile(file, range !== undefined, request, reply);
	const query = queryOf(request);
	const page = await data.list(user, path, readPage(query));
	return reply
		.header("x-data-type", "directory")
		.type(JSON_TYPE)
		.send(JSON.stringify(listing(page, isTrue(query.acl))));
}

/** A refused range is told how long the file is (RFC 9110 §15.5.17). */
async function open(
	data: Data,
	user: DataUser,
	path: string,
	range: ByteRange | undefined,
	reply: FastifyReply,
): Promise<OpenFile | undefined> {
	try {
		return await data.get(user, path, range);
	} catch (error) {
		if (error instanceof AlgoError && error.code === "RANGE_NOT_SATISFIABLE") {
			const file = await data.stat(user, path);
			reply.header("content-range", `bytes */${file?.bytes ?? 0}`);
		}
		throw error;
	}
}

function sendFile(
	file: OpenFile,
	isPart: boolean,
	request: FastifyRequest,
	reply: FastifyReply,
): FastifyReply {
	const { accept, "if-none-match": ifNoneMatch } = request.headers;
	const headers = fileHeaders(file, accept);
	if (isUnchanged(file.etag, ifNoneMatch)) {
		file.stream.destroy();
		const { "content-length": _, ...others } = headers;
		return reply.code(304).headers(others).send();
	}
	reply.headers(headers);
	if (isPart) reply.code(206).headers(partHeaders(file.part, file.bytes));
	return reply.send(file.stream);
}

/** api-contract §5.3 */
function listing(page: DirectoryPage, withAcl: boolean) {
	const { folders, files, marker, acl } = page;
	return {
		folders: folders.map((name) => ({ name })),
		files: files.map(({ name, bytes, modifiedMs }) => ({
			filename: name,
			last_modified: wholeSeconds(modifiedMs),
			size: bytes,
		})),
		...(marker !== undefined && { marker }),
		...(withAcl && acl && { acl: writeAcl(acl) }),
	};
}

/** `2020-03-18T17:00:33.000Z`: the C# client reads nothing else. */
const wholeSeconds = (ms: number): string =>
	`${new Date(ms).toISOString().slice(0, 19)}.000Z`;

async function put(
	data: Data,
	request: FastifyRequest,
	reply: FastifyReply,
): Promise<FastifyReply> {
	const body = bodyOf(request) ?? Readable.from([], { objectMode: false });
	try {
		const result = await data.put(dataUserOf(request), pathOf(request), body);
		return reply.type(JSON_TYPE).send(JSON.stringify({ result }));
	} catch (error) {
		if (request.raw.destroyed && !request.raw.complete) throw clientGone();
		drain(request.raw);
		throw error;
	}
}

async function post(
	data: Data,
	request: FastifyRequest,
	reply: FastifyReply,
): Promise<FastifyReply> {
	const { name, acl } = readNewDirectory(await textOf(request));
	const result = await data.createDirectory(
		dataUserOf(request),
		pathOf(request),
		name,
		acl,
	);
	return reply.type(JSON_TYPE).send(JSON.stringify({ result }));
}

async function patch(
	data: Data,
	request: FastifyRequest,
	reply: FastifyReply,
): Promise<FastifyReply> {
	const acl = readNewAcl(await textOf(request));
	await data.setAcl(dataUserOf(request), pathOf(request), acl);
	return reply.type(JSON_TYPE).send("");
}

async function remove(
	data: Data,
	request: FastifyRequest,
	reply: FastifyReply,
): Promise<FastifyReply> {
	const force = isTrue(queryOf(request).force);
	const deleted = await data.remove(
		dataUserOf(request),
		pathOf(request),
		force,
	);
	return reply.type(JSON_TYPE).send(JSON.stringify({ result: { deleted } }));
}

const bodyOf = (request: FastifyRequest): Readable | undefined =>
	request.body as Readable | undefined;

async function textOf(request: FastifyRequest): Promise<string> {
	const body = bodyOf(request);
	try {
		return await readText(body);
	} catch (error) {
		if (body) drain(request.raw);
		throw error;
	}
}
