import type { FastifyInstance } from "fastify";
import {
	type Caller,
	type Keyring,
	noKey,
	unknownKey,
} from "../../src/index.ts";
import { drain } from "./payload.ts";

declare module "fastify" {
	interface FastifyRequest {
		/** Who calls; in a scope with `authentication` or `noAuthentication`. */
		caller: Caller;
	}
}

/** Asks every request of this scope for a key, before its body is read (api-contract §2). */
export function authentication(app: FastifyInstance, keyring: Keyring): void {
	app.decorateRequest("caller");
	app.addHook("onRequest", (request, _, done) => {
		const key = keyIn(request.headers.authorization);
		const caller = key === undefined ? undefined : keyring.find(key);
		if (caller) {
			request.caller = caller;
			done();
			return;
		}
		findAgain(keyring, key).then(
			(found) => {
				request.caller = found;
				done();
			},
			(error) => {
				drain(request.raw);
				done(error);
			},
		);
	});
}

/** Every request of this scope is this caller's. */
export function noAuthentication(app: FastifyInstance, caller: Caller): void {
	app.decorateRequest("caller", { getter: () => caller });
}

/** A key that is not known may be a new one. @throws AlgoError NO_KEY, UNKNOWN_KEY */
async function findAgain(
	keyring: Keyring,
	key: string | undefined,
): Promise<Caller> {
	if (key === undefined) throw noKey();
	await keyring.refresh();
	const caller = keyring.find(key);
	if (caller) return caller;
	throw unknownKey();
}

/**
 * The key in an `Authorization` header: after `Simple`, or all of it (api-contract §2.1). Nothing is decoded,
 * keys contain "+" and "/". What else may stand there, such as `Bearer TOKEN`, is a key that nobody has.
 * @returns `undefined` for no header, an empty one, and `Simple` alone
 */
export function keyIn(authorization: string | undefined): string | undefined {
	const key = authorization?.trim().replace(/^simple(?:\s+|$)/i, "");
	return key || undefined;
}
