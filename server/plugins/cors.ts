import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { forbidden, mayBrowse } from "../../src/index.ts";

/** Where browsers call; nowhere else may a page of another origin read the answer (api-contract §4). */
export const WEB_PREFIX = "/v1/web/";
const ANY_ORIGIN = ["access-control-allow-origin", "*"] as const;
const PREFLIGHT_SECONDS = 86_400;

/** Lets pages of any origin read this answer, errors included: what they may do depends on their key. */
export function allowAnyOrigin(reply: FastifyReply): void {
	reply.raw.setHeader(...ANY_ORIGIN);
}

/** Answers what browsers ask before they call; they ask it without the key. */
export function preflight(app: FastifyInstance): void {
	app.options(`${WEB_PREFIX}*`, (request, reply) => {
		allowAnyOrigin(reply);
		const asked = request.headers["access-control-request-headers"];
		reply
			.code(204)
			.header("access-control-allow-methods", "POST, OPTIONS")
			.header(
				"access-control-allow-headers",
				asked ?? "Authorization, Content-Type, Accept",
			)
			.header("access-control-max-age", PREFLIGHT_SECONDS)
			.header("x-request-id", request.id)
			.send();
	});
}

/** @throws AlgoError FORBIDDEN: the key is not for browsers, or not for pages of this host */
export function checkPage({ caller, headers }: FastifyRequest): void {
	const page = headers.origin ?? headers.referer;
	if (!mayBrowse(caller.rights, hostOf(page))) throw forbidden();
}

/** @param address of a page or an origin; browsers send "null" where they do not tell */
function hostOf(address: string | undefined): string | undefined {
	return address !== undefined && URL.canParse(address)
		? new URL(address).hostname
		: undefined;
}
