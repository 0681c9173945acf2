import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:net";
import { Kind, PROTOCOL } from "../protocol/frames.js";
import type { Hello } from "../protocol/messages.ts";
import { Connection } from "./connection.ts";

/** Connections that have not said who they are: more than a process has workers that start. */
const MAX_STRANGERS = 64;

/**
 * The Unix socket that a worker process and its workers connect to, each with a token good for one use. One for
 * each process: code that floods its own hinders nobody else.
 */
export class LaneListener {
	readonly path: string;
	readonly #server: Server;
	readonly #expected = new Map<string, (connection: Connection) => void>();
	#strangers = 0;

	/** @param path at most about 100 bytes long; in a folder that only this user may enter */
	constructor(path: string) {
		this.path = path;
		this.#server = createServer((socket) => {
			if (this.#strangers < MAX_STRANGERS) this.#greet(new Connection(socket));
			else socket.destroy();
		});
		this.#server.listen(path).unref();
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
		this.#strangers++;
		connection.onClose = () => this.#strangers--;
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
			this.#strangers--;
			this.#expected.delete(hello.token);
			connection.welcome();
			onConnection(connection);
		};
	}
}
