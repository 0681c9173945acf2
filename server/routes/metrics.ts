import type { FastifyInstance } from "fastify";
import type { Metrics } from "../../src/index.ts";

/** `GET /metrics`, for Prometheus. */
export function metricsRoutes(app: FastifyInstance, metrics: Metrics): void {
	app.get("/metrics", async (_, reply) => {
		const { contentType, text } = await metrics.render();
		return reply.type(contentType).send(text);
	});
}
