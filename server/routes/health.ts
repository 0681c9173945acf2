import type { FastifyInstance } from "fastify";

/** What readiness depends on beyond the process being there. */
export interface Readiness {
	/** Why calls are not welcome now; empty when they are. */
	reasons(): string[];
}

/** `GET /livez` and `GET /readyz` (interface §6). */
export function healthRoutes(app: FastifyInstance, readiness: Readiness): void {
	app.get("/livez", () => ({ status: "alive" }));
	app.get("/readyz", (_, reply) => {
		const reasons = readiness.reasons();
		return reply
			.code(reasons.length === 0 ? 200 : 503)
			.send(
				reasons.length === 0
					? { status: "ready" }
					: { status: "not ready", reasons },
			);
	});
}
