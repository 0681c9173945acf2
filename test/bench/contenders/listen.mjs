// What the plain Fastify servers share: the route, the envelope and the line that tells their address.
import fastify from "fastify";

/**
 * @param {(input: string | string[]) => unknown} run gives the result of a call, or a promise of it
 */
export async function listen(run) {
	const app = fastify({ bodyLimit: 10_485_760 });
	app.post("/v1/algo/:owner/:name/:version", (request, reply) => {
		const startedAt = performance.now();
		const result = run(/** @type {string | string[]} */ (request.body));
		if (result instanceof Promise)
			result.then(
				(value) => reply.send(envelope(value, startedAt, request.id)),
				(error) => reply.send(error),
			);
		else reply.send(envelope(result, startedAt, request.id));
	});
	const url = await app.listen({
		host: "127.0.0.1",
		port: Number(process.env.PORT ?? 0),
	});
	process.stdout.write(`${JSON.stringify({ msg: "listening", url })}\n`);
}

/**
 * @param {unknown} result
 * @param {number} startedAt
 * @param {string} requestId
 */
function envelope(result, startedAt, requestId) {
	return {
		result,
		metadata: {
			content_type: typeof result === "string" ? "text" : "json",
			duration: (performance.now() - startedAt) / 1000,
			request_id: requestId,
		},
	};
}
