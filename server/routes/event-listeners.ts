import type { FastifyInstance, FastifyRequest } from "fastify";
import { AlgoError, type EventListeners } from "../../src/index.ts";
import { parseJson } from "../data-body.ts";
import { last, type Query } from "../data-query.ts";

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 100;
const BAD_MARKER = 5002;
const BAD_LIMIT = 5003;
const MALFORMED = 2013;

type OfUser = FastifyRequest<{ Params: { userId: string } }>;
type OneOfUser = FastifyRequest<{ Params: { userId: string; id: string } }>;

/** `/v1/users/{userId}/event-listeners` (api-contract §10.1). */
export function eventListenerRoutes(
	app: FastifyInstance,
	listeners: EventListeners,
): void {
	const url = "/v1/users/:userId/event-listeners";
	const one = `${url}/:id`;
	app.get(url, async ({ caller, params: { userId }, query }: OfUser) => {
		const { marker, limit } = readPage(query as Query);
		const page = { after: marker, limit: limit + 1 };
		const found = await listeners.list(caller, userId, page);
		const results = found.slice(0, limit);
		const next = found.length > limit ? (results.at(-1)?.id ?? null) : null;
		const path = url.replace(":userId", encodeURIComponent(userId));
		return {
			marker: next,
			next_link: next && `${path}?limit=${limit}&marker=${next}`,
			results,
		};
	});
	app.post(url, ({ caller, params, body }: OfUser) =>
		listeners.add(caller, params.userId, fieldsIn(body)),
	);
	app.get(one, ({ caller, params: { userId, id } }: OneOfUser) =>
		listeners.show(caller, userId, id),
	);
	app.put(one, ({ caller, params: { userId, id }, body }: OneOfUser) =>
		listeners.replace(caller, userId, id, fieldsIn(body)),
	);
	app.delete(one, async ({ caller, params: { userId, id } }: OneOfUser) => {
		await listeners.remove(caller, userId, id);
		return {};
	});
}

/** @throws AlgoError BAD_REQUEST */
function fieldsIn(body: unknown): unknown {
	try {
		return parseJson(String(body ?? ""));
	} catch (error) {
		throw new AlgoError("BAD_REQUEST", (error as Error).message, {
			number: MALFORMED,
		});
	}
}

/** As the platform's lists (api-contract §6.7). @throws AlgoError BAD_REQUEST */
function readPage(query: Query): { marker?: string; limit: number } {
	const marker = last(query.marker);
	const limit = last(query.limit) ?? String(DEFAULT_LIMIT);
	if (!/^\d{1,9}$/.test(limit) || Number(limit) < 1)
		throw new AlgoError(
			"BAD_REQUEST",
			`limit is '${limit.slice(0, 100)}'; it must be a whole number from 1 to ${MAX_LIMIT}`,
			{ number: BAD_LIMIT },
		);
	if (marker && !/^[\da-f-]{36}$/.test(marker))
		throw new AlgoError(
			"BAD_REQUEST",
			`marker is '${marker.slice(0, 100)}'; it must be the marker of the page before`,
			{ number: BAD_MARKER },
		);
	return {
		...(marker && { marker }),
		limit: Math.min(Number(limit), MAX_LIMIT),
	};
}
