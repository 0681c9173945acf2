import type { Channel, Connection } from "rabbitmq-client";
import { optionalImport } from "../../../optional-import.ts";
import { placeOf, refusal } from "./refusal.ts";

/** The library takes a connection for dead when nothing came for four halves of it. A `heartbeat` in the URL wins. */
const HEARTBEAT_SECONDS = 4;
const CONNECT_MS = 5000;
const GOODBYE_MS = 3000;

/**
 * One connection, which is not made again when it is lost: the library's own way to do that does not say why it fails.
 * @param name as the broker's operator sees it
 * @param onLost called at most once, with the reason; not while connecting, not after `unsafeDestroy`
 */
export async function connect(
	url: string,
	name: string,
	onLost: (reason: Error) => void,
): Promise<Connection> {
	const { Connection } = await optionalImport(
		"an AMQP queue",
		"rabbitmq-client",
		() => import("rabbitmq-client"),
	);
	return new Promise((resolve, reject) => {
		const connection = new Connection({
			url,
			connectionName: name,
			connectionTimeout: CONNECT_MS,
			heartbeat: HEARTBEAT_SECONDS,
			noDelay: true,
		});
		let isConnected = false;
		connection.on("connection", () => {
			isConnected = true;
			resolve(connection);
		});
		connection.on("error", (error) => {
			connection.unsafeDestroy();
			if (isConnected)
				onLost(refusal(`the connection to ${placeOf(url)} was lost`, error));
			else reject(refusal(`cannot connect to ${placeOf(url)}`, error));
		});
	});
}

/** @param onError why the broker closes it, where that is no answer to a request */
export async function openChannel(
	connection: Connection,
	onError: (error: Error) => void,
): Promise<Channel> {
	const channel = await connection.acquire({ emitErrorsFromChannel: true });
	channel.on("error", onError);
	return channel;
}

/** How many messages wait in a queue; on a channel of its own, since that is closed where there is none. */
export async function countOf(
	connection: Connection,
	queue: string,
): Promise<number> {
	const channel = await openChannel(connection, () => {});
	try {
		return (await channel.queueDeclare({ queue, passive: true })).messageCount;
	} finally {
		await channel.close();
	}
}

/** Ends it, politely if the broker plays along, and in any case soon. */
export async function disconnect(
	connection: Connection,
	finish: () => Promise<unknown>,
): Promise<void> {
	const isDone = finish()
		.then(() => connection.close())
		.catch(() => {}); // it is lost already
	const { promise: isLate, resolve } = Promise.withResolvers<void>();
	const timer = setTimeout(resolve, GOODBYE_MS);
	await Promise.race([isDone, isLate]);
	clearTimeout(timer);
	connection.unsafeDestroy();
}
