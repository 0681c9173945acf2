import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { Kind, PROTOCOL } from "../protocol/frames.js";
import type { Hello } from "../protocol/messages.ts";
import { Connection } from "./connection.ts";

/** The Unix socket that worker processes and their workers connect to, each with a token good for one use. */
export class LaneListener {
	readonly path: string;
	readonly #server: Server;
	readonly #expected = new Map<string, (connection: Connection) => void>();

	private constructor(path: string) {
		this.path = path;
		this.#server = createServer((socket) =>
			this.#greet(new Connection(socket)),
		);
	}

	/** @param path at most about 100 bytes long; in a folder that only this user may enter */
	static async open(path: string): Promise<LaneListener> {
		const listener = new LaneListener(path);
		listener.#server.listen(path);
		await once(listener.#server, "listening");
		listener.#server.unref();
		return listener;
	}

	/** @returns a new token; the connection that says it is handed to `onConnection` */
	expect(onConnection: (connection: Connection) => void): string {
		const token = randomUUID();
		this.#expected.set(token, onConnection);
		return token;
	}

	forget(token: string): void {
		this.#expected.delete(token);
	}

	close(): void {
		this.#server.close();
	}

	#greet(connection: Connection): void {
		connection.onFrame = (kind, payload) => {
			const hello =
				kind === Kind.HELLO
					? (JSON.parse(payload.toString()) as Hello)
					: undefined;
			const onConnection = hello && this.#expected.get(hello.token);
			if (!hello || !onConnection || hello.protocol !== PROTOCOL) {
				connection.close();
				return;
			}
			this.#expected.delete(hello.token);
			onConnection(connection);
		};
	}
}
