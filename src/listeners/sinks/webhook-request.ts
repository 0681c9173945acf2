import { type Agent, type IncomingMessage, request as plain } from "node:http";
import { request as secure } from "node:https";

/** What is read of an answer: enough to free its connection for the next request. */
const MAX_ANSWER_BYTES = 64 * 1024;
/** What is told of it. */
const MAX_TEXT = 200;

export interface Answer {
	status: number;
	/** As its header is; "" if there is none. */
	retryAfter: string;
	location: string;
	/** How its body begins. */
	text: string;
}

export interface Post {
	url: URL;
	headers: Record<string, string>;
	body: Buffer;
	agent: Agent;
	/** From when it has a connection. */
	timeoutMs: number;
	signal: AbortSignal;
}

/** @throws Error if no answer comes */
export function post(options: Post): Promise<Answer> {
	const { url, headers, body, agent, timeoutMs, signal } = options;
	const send = url.protocol === "https:" ? secure : plain;
	return new Promise((resolve, reject) => {
		const request = send(url, { method: "POST", agent, headers, signal });
		let timer: NodeJS.Timeout | undefined;
		request.once("socket", () => {
			timer = setTimeout(
				() =>
					request.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)),
				timeoutMs,
			);
		});
		request.once("response", (response) => resolve(answerOf(response)));
		request.once("error", reject);
		request.once("close", () => clearTimeout(timer));
		request.end(body);
	});
}

/** The status is the answer, whatever becomes of the body. */
async function answerOf(response: IncomingMessage): Promise<Answer> {
	const { statusCode: status = 0, headers } = response;
	const parts: Buffer[] = [];
	let bytes = 0;
	try {
		for await (const chunk of response as AsyncIterable<Buffer>) {
			if (bytes < MAX_TEXT) parts.push(chunk);
			bytes += chunk.length;
			if (bytes > MAX_ANSWER_BYTES) break;
		}
	} catch {}
	const text = Buffer.concat(parts).toString().slice(0, MAX_TEXT);
	return {
		status,
		retryAfter: headers["retry-after"] ?? "",
		location: headers.location ?? "",
		text: text.replace(/\s+/g, " ").replace(/\p{C}/gu, "").trim(),
	};
}
