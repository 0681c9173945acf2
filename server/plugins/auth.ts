import type { FastifyInstance, FastifyRequest } from "fastify";
import {
	type Actor,
	type Caller,
	type Engine,
	noKey,
	unknownKey,
} from "../../src/index.ts";
import { drain } from "./payload.ts";

declare module "fastify" {
	interface FastifyRequest {
		/** Who calls; in a scope with `authentication`. */
		caller: Caller;
		/** Set if code inside an algorithm asks, with the key of its worker (api-contract §11.8). */
		actor: Actor | undefined;
	}
}

/** The keys in force, such as a Keyring. */
export interface Keys {
	/** Whose key this is, as far as is known here. */
	find(key: string): Caller | undefined;
	/** Takes in what has changed elsewhere. */
	refresh(): Promise<void>;
}

/**
 * Asks every request of this scope who calls, before its body is read (api-contract §2).
 * @param keyring absent where nobody needs a key
 * @param local who calls there
 */
export function authentication(
	app: FastifyInstance,
	engine: Engine,
	keyring: Keys | undefined,
	local: Caller,
): void {
	/** A key that is not known may be a worker's, or a new one. @throws AlgoError NO_KEY, UNKNOWN_KEY */
	const findAgain = async (
		request: FastifyRequest,
		key: string | undefined,
		acting: Promise<Actor | undefined> | undefined,
	): Promise<void> => {
		if (key === undefined) throw noKey();
		const actor = await acting; // between calls a worker speaks for nobody
		if (!acting) await keyring?.refresh();
		const caller = actor?.caller ?? (acting ? undefined : keyring?.find(key));
		if (!caller) throw unknownKey();
		request.actor = actor;
		request.caller = caller;
	};
	app.decorateRequest("caller");
	app.decorateRequest("actor", undefined);
	app.addHook("onRequest", (request, _, done) => {
		const key = keyIn(request.headers.authorization);
		let caller = key === undefined ? undefined : keyring?.find(key);
		const mayBeWorkers = key !== undefined && !caller;
		const acting = mayBeWorkers ? engine.actorOfKey(key) : undefined;
		if (!keyring && !acting) caller = local;
		if (caller) {
			request.caller = caller;
			done();
			return;
		}
		findAgain(request, key, acting).then(
			() => done(),
			(error) => {
				drain(request.raw);
				done(error);
			},
		);
	});
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
