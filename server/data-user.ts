import type { FastifyRequest } from "fastify";
import type { DataUser } from "../src/index.ts";

/** Who asks for data: a caller with a key, or code inside an algorithm with its worker's (api-contract §11.8). */
export function dataUserOf({ caller, actor }: FastifyRequest): DataUser {
	return actor ? { caller, inside: actor.inside } : { caller };
}
