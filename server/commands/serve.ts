import type { AddressInfo } from "node:net";
import {
	asksForKeys,
	type Config,
	createLogger,
	Engine,
	Events,
	Keyring,
	type Logger,
	logEvents,
	SETTINGS,
	Store,
	UsageError,
} from "../../src/index.ts";
import type { App } from "../app.ts";
import type { Command } from "../command-line.ts";

export const serve: Command = {
	summary: "Runs the server",
	arguments: "[OPTIONS]",
	settings: Object.keys(SETTINGS) as (keyof Config)[],
	async run({ config, positionals }) {
		if (positionals.length > 0)
			throw new UsageError(
				`serve takes no argument, and got ${positionals.join(" ")}`,
			);
		const log = await createLogger(config.logLevel);
		using store = await Store.open(config.state);
		using keyring = await openKeyring(config, log, store);
		const events = new Events();
		logEvents(events, log);
		// The app is loaded while the engine waits for what it tries out.
		const [engine, { buildApp }] = await Promise.all([
			Engine.start(config, events, store),
			import("../app.ts"),
		]);
		const app = buildApp(engine, log, keyring);
		try {
			await app.fastify.listen({ host: config.host, port: config.port });
		} catch (error) {
			await engine.close();
			throw error;
		}
		const { port } = app.fastify.server.address() as AddressInfo;
		const url = urlOf(config.host, port);
		log.info(
			{
				url,
				auth: keyring ? "keys" : "off",
				algorithms: engine.versions.length,
				broken:
					engine.versions.filter(({ fault }) => fault).length +
					engine.strays.length,
			},
			"listening",
		);
		engine.apiUrl = insideUrl(config.host, port);
		engine.warm();
		engine.jobs?.start();
		engine.listeners?.start();
		return await drainOnSignal(engine, app, log);
	},
};

/** Where code inside an algorithm reaches the API: all addresses include the machine's own. */
function insideUrl(host: string, port: number): string {
	if (host === "0.0.0.0") return `http://127.0.0.1:${port}`;
	if (host === "::") return `http://[::1]:${port}`;
	return urlOf(host, port);
}

const urlOf = (host: string, port: number): string =>
	`http://${host.includes(":") ? `[${host}]` : host}:${port}`;

/** @returns `undefined` where callers need no key */
async function openKeyring(
	config: Config,
	log: Logger,
	store: Store,
): Promise<Keyring | undefined> {
	if (!asksForKeys(config)) return undefined;
	const { rootKey, account } = config;
	const keyring = await Keyring.open(store, {
		rootKey,
		account,
		onTrouble: (err) =>
			log.error({ err }, "keys cannot be read; those known stay in force"),
	});
	if (keyring.size === 0)
		log.warn("there is no key, so nobody can call: applyd key create ACCOUNT");
	return keyring;
}

/** Resolves with the exit code when the server has ended: 0 after a drain, 1 if a second signal cut it short. */
function drainOnSignal(engine: Engine, app: App, log: Logger): Promise<number> {
	const { drainSeconds } = engine.config;
	return new Promise((resolve) => {
		let exitCode: number | undefined;
		const onSignal = async (signal: NodeJS.Signals) => {
			const { openCalls } = engine;
			if (exitCode !== undefined) {
				exitCode = 1;
				log.warn({ signal, openCalls }, "ending at once");
				await engine.close();
				return;
			}
			exitCode = 0;
			log.info({ signal, openCalls, drainSeconds }, "draining");
			app.stopBeingReady("draining");
			const closed = app.fastify.close();
			await engine.drain(drainSeconds);
			await engine.close();
			app.fastify.server.closeAllConnections();
			await closed;
			log.info("ended");
			resolve(exitCode);
		};
		process.on("SIGTERM", onSignal);
		process.on("SIGINT", onSignal);
	});
}
