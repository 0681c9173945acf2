import type { ServerResponse } from "node:http";
import type { FastifyReply } from "fastify";

/** Some proxies close what has been silent for longer. */
const KEEP_ALIVE_MS = 15_000;

/** Server-sent events to one client, until either side ends them. */
export class EventStream {
	/** Resolves when nobody listens any more. */
	readonly closed: Promise<void>;
	readonly #response: ServerResponse;

	constructor({ request, raw }: FastifyReply) {
		this.#response = raw;
		raw.writeHead(200, {
			"content-type": "text/event-stream",
			"cache-control": "no-store",
			"x-accel-buffering": "no", // nginx would hold events back
			"x-request-id": request.id,
		});
		const keepAlive = setInterval(() => this.#write(":\n\n"), KEEP_ALIVE_MS);
		this.closed = new Promise((resolve) => {
			raw.on("close", () => {
				clearInterval(keepAlive);
				resolve();
			});
		});
	}

	/** Whether the client has not taken what was sent; more would only be kept for it. */
	get isBehind(): boolean {
		return this.#response.writableNeedDrain;
	}

	send(event: string, data: unknown): void {
		this.#write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
	}

	end(): void {
		this.#response.end();
	}

	/** What comes after the end is for nobody. */
	#write(text: string): void {
		const { writableEnded, destroyed } = this.#response;
		if (!writableEnded && !destroyed) this.#response.write(text);
	}
}
