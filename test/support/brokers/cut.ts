import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A way to a server on loopback that can be broken. */
export interface Cut {
	port: number;
	/** `127.0.0.1:PORT` */
	address: string;
	/** From now on, new connections lead to this port. */
	leadTo(port: number): void;
	/** Resets all connections, without the goodbye that a close is. New ones are made as before. */
	cut(): void;
	/** From now on nothing passes, in neither direction; all connections stay open, and new ones are taken. */
	freeze(): void;
	/** What was held back passes, and all after it. */
	thaw(): void;
	/** Resets all connections and takes no more. */
	close(): Promise<void>;
}

/** @param target the port it leads to, if that is known already */
export async function startCut(target = 0): Promise<Cut> {
	const pairs = new Set<[Socket, Socket]>();
	let isFrozen = false;

	const server = createServer({ allowHalfOpen: true }, (client) => {
		const there = connect({
			port: target,
			host: "127.0.0.1",
			allowHalfOpen: true,
		});
		const pair: [Socket, Socket] = [client, there];
		pairs.add(pair);
		for (const socket of pair) {
			socket.setNoDelay();
			// A reset on one side, or nobody there, is a reset on the other.
			socket.on("error", () => reset(pair));
			socket.on("close", () => {
				if (pair.every(({ closed }) => closed)) pairs.delete(pair);
			});
		}
		if (!isFrozen) join(pair);
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");

	const cut = () => {
		for (const pair of pairs) reset(pair);
	};
	const { port } = server.address() as AddressInfo;
	return {
		port,
		address: `127.0.0.1:${port}`,
		leadTo(port) {
			target = port;
		},
		cut,
		freeze() {
			isFrozen = true;
			for (const [one, other] of pairs) {
				one.unpipe(other);
				other.unpipe(one);
			}
		},
		thaw() {
			isFrozen = false;
			for (const pair of pairs) join(pair);
		},
		async close() {
			cut();
			server.close();
			await once(server, "close");
		},
	};
}

function join([one, other]: [Socket, Socket]): void {
	one.pipe(other);
	other.pipe(one);
}

function reset(pair: [Socket, Socket]): void {
	for (const socket of pair) socket.resetAndDestroy();
}
