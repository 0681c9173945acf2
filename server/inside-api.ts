import type { AddressInfo } from "node:net";
import { type Config, createLogger, type Engine } from "../src/index.ts";
import { buildApp } from "./app.ts";

/** The settings that matter to a command that runs algorithms without a server. */
export const RUN_SETTINGS: (keyof Config)[] = [
	"algorithms",
	"state",
	"timeoutSeconds",
	"memoryMb",
	"isolation",
	"containment",
	"allowRead",
	"allowWrite",
];

/** Workers have keys of their own; here nobody else has. */
const NO_KEYS = { find: () => undefined, refresh: async () => {} };

/**
 * The API for code inside algorithms, while a command runs them without a server: published clients find it, and
 * nobody else has a key for it.
 * @returns closes it; close the engine first
 */
export async function openInsideApi(
	engine: Engine,
): Promise<() => Promise<void>> {
	const { fastify } = buildApp(engine, await createLogger("silent"), NO_KEYS);
	await fastify.listen({ host: "127.0.0.1", port: 0 });
	const { port } = fastify.server.address() as AddressInfo;
	engine.apiUrl = `http://127.0.0.1:${port}`;
	return async () => {
		fastify.server.closeAllConnections();
		await fastify.close();
	};
}
