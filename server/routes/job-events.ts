import type { FastifyReply } from "fastify";
import type { Caller, Jobs } from "../../src/index.ts";
import { EventStream } from "../event-stream.ts";

/**
 * Answers with a job's events: `progress` at once and then as it goes on, `finished` at the end.
 * @throws AlgoError NOT_FOUND
 */
export async function jobEvents(
	jobs: Jobs,
	caller: Caller,
	id: string,
	reply: FastifyReply,
): Promise<void> {
	await jobs.show(caller, id);
	reply.hijack();
	const stream = new EventStream(reply);
	try {
		const stop = await jobs.watch(caller, id, {
			onProgress: (view) => {
				if (!stream.isBehind) stream.send("progress", view);
			},
			onFinished: (view) => {
				stream.send("finished", view);
				stream.end();
			},
		});
		stream.closed.then(stop);
	} catch {
		stream.end(); // it was there, and has been deleted since
	}
}
