import { connect, createServer, type Server } from "node:net";

/** Published clients keep a few open. */
const MAX_CONNECTIONS = 64;

/**
 * Where the published clients of an isolated process find the API: a port of its own network, behind which the
 * worker process passes on to the gate what comes (api-contract §11.8).
 */
export const API_INSIDE = "http://127.0.0.1:8080";

/** The way out of an isolated network: a Unix socket that leads to the API, and nowhere else. */
export class ApiGate {
	readonly #server: Server;

	/** @param apiUrl where the API is by now */
	constructor(path: string, apiUrl: () => string | undefined) {
		this.#server = createServer({ allowHalfOpen: true }, (inside) => {
			inside.on("error", () => {}); // 'close' follows
			const url = apiUrl();
			if (url === undefined) {
				inside.destroy();
				return;
			}
			const { hostname, port } = new URL(url);
			const api = connect({
				host: hostname.replace(/^\[|\]$/g, ""),
				port: Number(port),
				allowHalfOpen: true,
			});
			api.on("error", () => {}).on("close", () => inside.destroy());
			inside.on("close", () => api.destroy());
			inside.pipe(api).pipe(inside);
		});
		this.#server.maxConnections = MAX_CONNECTIONS;
		this.#server.listen(path).unref();
	}

	close(): void {
		this.#server.close();
	}
}
