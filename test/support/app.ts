import { mkdir, mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Writable } from "node:stream";
import { buildApp } from "../../server/app.ts";
import {
	asksForKeys,
	type Config,
	createLogger,
	Engine,
	Events,
	Keyring,
	loadConfig,
	logEvents,
	Store,
} from "../../src/index.ts";

export const FIXTURES = resolve(import.meta.dirname, "../fixtures/algorithms");
export const EXAMPLES = resolve(import.meta.dirname, "../../algorithms");

/** Where algorithms may write for the tests to see, whatever walls are around them. */
export const SHARED = join(tmpdir(), "applyd-shared");

/** Code that several fixtures share: what is in another version's folder no version sees. */
export const SHARED_CODE = resolve(FIXTURES, "../shared");

/** A real server on a free port, inside the test's process; its worker processes are real ones. */
export interface TestServer {
	url: string;
	engine: Engine;
	store: Store;
	/** The lines of its log so far, parsed. */
	log: Record<string, unknown>[];
	close(): Promise<void>;
}

/** @param overrides of the settings' defaults; the algorithms are the fixtures unless said otherwise */
export async function startApp(
	overrides: Partial<Config> = {},
): Promise<TestServer> {
	const state = await mkdtemp(join(tmpdir(), "applyd-test-"));
	const config: Config = {
		...loadConfig({}, {}),
		algorithms: [FIXTURES],
		allowRead: [SHARED_CODE],
		allowWrite: [SHARED],
		state,
		watch: false,
		...overrides,
	};
	await mkdir(SHARED, { recursive: true });
	const log: Record<string, unknown>[] = [];
	const sink = new Writable({
		write(chunk, _, done) {
			for (const line of String(chunk).split("\n").filter(Boolean))
				log.push(JSON.parse(line));
			done();
		},
	});
	const logger = await createLogger(config.logLevel, sink);
	const events = new Events();
	logEvents(events, logger);
	const store = await Store.open(state);
	const keyring = asksForKeys(config)
		? await Keyring.open(store, {
				rootKey: config.rootKey,
				account: config.account,
				onTrouble: (err) => logger.error({ err }),
			})
		: undefined;
	const engine = await Engine.start(config, events, store);
	const { fastify } = buildApp(engine, logger, keyring);
	await fastify.listen({ host: "127.0.0.1", port: 0 });
	const { port } = fastify.server.address() as AddressInfo;
	const url = `http://127.0.0.1:${port}`;
	engine.apiUrl = url;
	engine.jobs?.start();
	engine.listeners?.start();
	return {
		url,
		engine,
		store,
		log,
		async close() {
			const closed = fastify.close();
			await engine.close();
			fastify.server.closeAllConnections();
			await closed;
			keyring?.close();
			store.close();
			await rm(state, { recursive: true, force: true });
		},
	};
}
