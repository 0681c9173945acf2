import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";

export interface Reply {
	status: number;
	headers: IncomingMessage["headers"];
	bytes: Buffer;
	text: string;
}

/**
 * One request with its path exactly as written; other clients tidy it up.
 * @param body a stream is sent chunked, without a length
 */
export async function ask(
	url: string,
	method: string,
	path: string,
	body: string | Buffer | Readable = "",
	headers: Record<string, string> = {},
): Promise<Reply> {
	const { hostname, port } = new URL(url);
	const sent = request({ hostname, port, method, path, headers });
	const answered = once(sent, "response") as Promise<[IncomingMessage]>;
	if (typeof body === "string" || Buffer.isBuffer(body)) sent.end(body);
	else body.pipe(sent);
	const [response] = await answered;
	const bytes = await buffer(response);
	return {
		status: response.statusCode ?? 0,
		headers: response.headers,
		bytes,
		text: bytes.toString(),
	};
}
