import { once } from "node:events";
import { connect, createServer } from "node:net";

/**
 * Ports of loopback on which nobody listens. They lie below those from which systems give outgoing connections theirs,
 * so that a server that was killed finds its own free when it starts again.
 */
export async function freePorts(count: number): Promise<number[]> {
	const ports = new Set<number>();
	while (ports.size < count) {
		const port = 10_000 + Math.floor(Math.random() * 22_000);
		if (await isFree(port)) ports.add(port);
	}
	return [...ports];
}

async function isFree(port: number): Promise<boolean> {
	const server = createServer().listen(port, "127.0.0.1");
	try {
		await once(server, "listening");
		return true;
	} catch {
		return false;
	} finally {
		server.close();
	}
}

/** Whether somebody takes connections there. */
export async function isListening(port: number): Promise<boolean> {
	const socket = connect(port, "127.0.0.1");
	try {
		await once(socket, "connect");
		return true;
	} catch {
		return false;
	} finally {
		socket.destroy();
	}
}
