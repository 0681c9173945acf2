import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Listeners } from "../../src/index.ts";

type OneListener = FastifyRequest<{ Params: { name: string } }>;

/** `/v1/listeners` (interface §7). */
export function listenerRoutes(
	app: FastifyInstance,
	listeners: Listeners,
): void {
	const url = "/v1/listeners";
	const one = `${url}/:name`;
	app.get(url, async ({ caller }) => ({
		listeners: await listeners.list(caller),
	}));
	app.get(one, ({ caller, params }: OneListener) =>
		listeners.show(caller, params.name),
	);
	for (const change of ["pause", "resume"] as const)
		app.post(`${one}/${change}`, ({ caller, params }: OneListener) =>
			listeners[change](caller, params.name),
		);
	app.post(`${one}/redrive`, async ({ caller, params }: OneListener) => ({
		redriven: await listeners.redrive(caller, params.name),
	}));
}
