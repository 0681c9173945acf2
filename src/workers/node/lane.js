// The worker's end of its lane.
import { once } from "node:events";
import { writeSync } from "node:fs";
import { connect } from "node:net";
import { FrameReader } from "../../protocol/frame-reader.js";

/** A connection to the server that reads frames as they come and writes each before it returns where it can. */
export class Lane {
	#socket;
	#fd;

	/** @param {import('node:net').Socket} socket connected */
	constructor(socket) {
		this.#socket = socket;
		// Node has no public name for a socket's descriptor. A direct write costs a third of socket.write,
		// and an outcome that is written before the next call starts cannot be lost with it.
		this.#fd =
			/** @type {{ _handle?: { fd?: number } }} */ (
				/** @type {unknown} */ (socket)
			)._handle?.fd ?? -1;
	}

	/**
	 * @param {string} path
	 * @returns {Promise<Lane>}
	 */
	static async open(path) {
		const socket = connect(path);
		await once(socket, "connect");
		return new Lane(socket);
	}

	/**
	 * @param {(kind: number, payload: Buffer) => void} onFrame
	 * @param {() => void} onClose
	 */
	listen(onFrame, onClose) {
		const reader = new FrameReader();
		this.#socket.on("data", (chunk) => reader.push(chunk, onFrame));
		this.#socket.on("error", () => {}); // 'close' follows
		this.#socket.on("close", onClose);
	}

	/** @param {Buffer} frame */
	send(frame) {
		let written = 0;
		if (this.#fd >= 0 && this.#socket.writableLength === 0) {
			try {
				while (written < frame.length)
					written += writeSync(this.#fd, frame, written);
				return;
			} catch (error) {
				if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EAGAIN")
					throw error;
			}
		}
		this.#socket.write(frame.subarray(written));
	}

	/** @returns {Promise<void> | undefined} nothing if everything sent has left this process, else when it has */
	drained() {
		if (this.#socket.writableLength === 0) return undefined;
		// Not "drain": that comes only after more than the high water mark.
		return new Promise((resolve) => {
			this.#socket.write("", () => resolve());
		});
	}
}
