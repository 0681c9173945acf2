import type { FastifyInstance } from "fastify";
import { type Connection, connectorIdOf, type Data } from "../../src/index.ts";
import { parseJson } from "../data-body.ts";
import { dataUserOf } from "../data-user.ts";

/**
 * `POST /v1/users/{username}/connectors` (api-contract §5.10), and DELETE of one below it, without which a secret
 * could not be changed.
 */
export function connectorRoutes(app: FastifyInstance, data: Data): void {
	app.post<{ Params: { username: string } }>(
		"/v1/users/:username/connectors",
		async (request) => {
			const { username } = request.params;
			const fields = parseJson(String(request.body ?? ""));
			const user = dataUserOf(request);
			return written(await data.connectors.add(user, username, fields));
		},
	);
	app.delete<{ Params: { username: string; connector: string } }>(
		"/v1/users/:username/connectors/:connector",
		async (request, reply) => {
			const { username, connector } = request.params;
			const user = dataUserOf(request);
			await data.connectors.remove(user, username, connector);
			return reply.code(204).send();
		},
	);
}

/** The secret is never shown. */
const written = (connection: Connection) => ({
	connector_id: connectorIdOf(connection),
	username: connection.account,
	label: connection.label,
	protocol: connection.protocol,
	is_default: connection.isDefault,
	permissions: [{ path: connection.path, writeable: connection.isWriteable }],
});
