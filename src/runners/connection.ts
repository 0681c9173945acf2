import type { Socket } from "node:net";
import { FrameReader } from "../protocol/frame-reader.js";
import { jsonFrame, MAX_FRAME_BYTES } from "../protocol/frames.js";

/** Of somebody who has not said who he is. */
const MAX_HELLO_BYTES = 4096;

/** The server's end of a socket to a worker process, cut into frames. */
export class Connection {
	/** Whoever the connection belongs to takes over here; until then it is the listener's. */
	onFrame: (kind: number, payload: Buffer) => void = () => {};
	onClose: () => void = () => {};
	readonly #socket: Socket;
	readonly #reader = new FrameReader();

	constructor(socket: Socket) {
		this.#socket = socket;
		this.#reader.maxBytes = MAX_HELLO_BYTES;
		socket.on("data", (chunk: Buffer) => {
			try {
				this.#reader.push(chunk, (kind, payload) =>
					this.onFrame(kind, payload),
				);
			} catch {
				socket.destroy(); // not our protocol: author code has written to a descriptor that is not its own
			}
		});
		readToTheEnd(socket);
		socket.on("close", () => this.onClose());
	}

	/** It has said who it is: frames may be long from now on. */
	welcome(): void {
		this.#reader.maxBytes = MAX_FRAME_BYTES;
	}

	/** @param pieces of one frame; they leave in one write */
	send(pieces: readonly Uint8Array[]): void {
		const isMany = pieces.length > 1;
		if (isMany) this.#socket.cork();
		for (const piece of pieces) this.#socket.write(piece);
		if (isMany) this.#socket.uncork();
	}

	sendJson(kind: number, message: object): void {
		this.#socket.write(jsonFrame(kind, message));
	}

	close(): void {
		this.#socket.destroy();
	}
}

/**
 * At a failed write Node destroys a socket with all that could still be read of it. Here that would be answers of
 * calls, which would then run a second time; so a socket ends when its other side has, and there is nothing left.
 */
function readToTheEnd(socket: Socket): void {
	// Node lets only those set this who construct a stream, and reads nothing more of one that has failed.
	const { _readableState: reading, _writableState: writing } =
		socket as unknown as Record<string, { autoDestroy: boolean }>;
	if (!reading || !writing) return;
	reading.autoDestroy = false;
	writing.autoDestroy = false;
	Object.defineProperty(reading, "errored", { get: () => null, set() {} });
	socket.on("error", () => {});
	socket.on("end", () => socket.destroy());
}
