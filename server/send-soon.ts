import type { ServerResponse } from "node:http";
import type { FastifyReply } from "fastify";

/** Up to this size a body is sent as a string: Node then joins headers and body in one write. */
const SMALL_BYTES = 65_536;

interface Answer {
	response: ServerResponse;
	status: number;
	headers: string[];
	body: Buffer;
}

let answers: Answer[] = [];

/**
 * Answers at the end of this turn of the event loop. The answers of a turn leave one right after the other:
 * to write wakes the receiver, which costs as much as all else, and one that is still awake need not be woken.
 * @param more header names and values, one after the other
 */
export function sendSoon(
	reply: FastifyReply,
	status: number,
	type: string,
	body: Buffer,
	requestId: string,
	more: string[] = [],
): void {
	reply.hijack();
	const headers = [
		"Content-Type",
		type,
		"Content-Length",
		String(body.length),
		"X-Request-Id",
		requestId,
		...more,
	];
	if (answers.length === 0) setImmediate(sendAll);
	answers.push({ response: reply.raw, status, headers, body });
}

function sendAll(): void {
	const ready = answers;
	answers = [];
	for (const { response, status, headers, body } of ready) {
		response.writeHead(status, headers);
		if (body.length <= SMALL_BYTES)
			response.end(body.toString("latin1"), "latin1");
		else response.end(body);
	}
}
