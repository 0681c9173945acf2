import type { FastifyInstance } from "fastify";
import type { Caller } from "../../src/index.ts";

declare module "fastify" {
	interface FastifyRequest {
		/** Who asks. */
		caller: Caller;
	}
}

/** Every request comes from the same caller: nobody is asked for a key. */
export function callers(app: FastifyInstance, caller: Caller): void {
	app.decorateRequest("caller", { getter: () => caller });
}
