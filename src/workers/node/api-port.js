// In an isolated network the API is behind a Unix socket; published clients want a port.
import { connect, createServer } from "node:net";

const PORT = 8080;

/** @param {string} socketPath that of the server's gate to its API */
export function openApiPort(socketPath) {
	createServer({ allowHalfOpen: true }, (client) => {
		const gate = connect({ path: socketPath, allowHalfOpen: true });
		gate.on("error", () => {}).on("close", () => client.destroy());
		client.on("error", () => {}).on("close", () => gate.destroy());
		client.pipe(gate).pipe(client);
	}).listen(PORT, "127.0.0.1");
}
