import type { FastifyInstance } from "fastify";
import type { Data } from "../../src/index.ts";
import { dataUserOf } from "../data-user.ts";

/** `GET /v1/hostedData`: the caller's collections (api-contract §5.10). */
export function hostedDataRoutes(app: FastifyInstance, data: Data): void {
	app.get("/v1/hostedData", async (request) => {
		const collections = await data.ownedBy(dataUserOf(request));
		return {
			result: collections.map(({ id, owner, name, acl }) => ({
				id,
				object_id: id,
				collection_name: name,
				username: owner,
				acl: {
					read_w: acl === "public",
					read_g: false,
					read_u: true,
					read_a: acl !== "private",
				},
				location: `data://${owner}/${name}`,
			})),
		};
	});
}
