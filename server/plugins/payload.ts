import type { IncomingMessage } from "node:http";
import type { FastifyInstance } from "fastify";
import { inputTooLarge } from "../../src/index.ts";
import { LINES_TYPE } from "../media-type.ts";

/** After a refusal this much more is read and thrown away, so that a client that still writes sees the answer and no reset. */
const DRAIN_BYTES = 64 * 2 ** 20;
/** A client that has sent this much is trusted with room for all that it has announced. */
const EARNEST_BYTES = 65_536;

/**
 * Bodies are bytes: nothing on the server's thread parses them. The limit holds while reading (api-contract §1.3). A stream
 * of lines is left to its route.
 */
export function payload(app: FastifyInstance, maxBytes: number): void {
	app.removeAllContentTypeParsers();
	app.addContentTypeParser(LINES_TYPE, (_, stream, done) => done(null, stream));
	// Those that calls use are named: Fastify finds them without parsing the header again.
	app.addContentTypeParser(
		["*", "application/json", "text/plain", "application/octet-stream"],
		(request, stream, done) => {
			const declared = Number(request.headers["content-length"]);
			if (declared > maxBytes) {
				drain(request.raw);
				done(inputTooLarge(declared, maxBytes));
				return;
			}
			const arriving = new Arriving(declared);
			const onData = (chunk: Buffer) => {
				if (arriving.bytes + chunk.length <= maxBytes) {
					arriving.add(chunk);
					return;
				}
				stream.off("data", onData);
				stream.off("end", onEnd);
				drain(request.raw);
				done(inputTooLarge(`more than ${maxBytes}`, maxBytes));
			};
			const onEnd = () => done(null, arriving.body);
			stream.on("data", onData);
			stream.on("end", onEnd);
			stream.on("error", (error) => done(error));
		},
	);
}

const NOTHING = Buffer.alloc(0);

/** A body on its way: each chunk is copied as it comes, so that the end of a large one costs nothing. */
class Arriving {
	bytes = 0;
	readonly #declaredBytes: number;
	#room: Buffer = NOTHING;

	/** @param declaredBytes NaN if unknown */
	constructor(declaredBytes: number) {
		this.#declaredBytes = declaredBytes;
	}

	add(chunk: Buffer): void {
		const bytes = this.bytes + chunk.length;
		if (this.bytes === 0)
			this.#room = chunk; // mostly it is all there is
		else {
			if (this.#room.length < bytes) this.#grow(bytes);
			chunk.copy(this.#room, this.bytes);
		}
		this.bytes = bytes;
	}

	get body(): Buffer {
		return this.#room.subarray(0, this.bytes);
	}

	#grow(bytes: number): void {
		const isTrusted = bytes > EARNEST_BYTES && this.#declaredBytes >= bytes;
		const room = Buffer.allocUnsafe(
			isTrusted
				? this.#declaredBytes
				: Math.max(bytes, 2 * this.#room.length, 1024),
		);
		this.#room.copy(room, 0, 0, this.bytes);
		this.#room = room;
	}
}

/** Reads the rest of a refused request's body, up to a bound. */
export function drain(request: IncomingMessage): void {
	let drained = 0;
	request.on("data", (chunk: Buffer) => {
		drained += chunk.length;
		if (drained > DRAIN_BYTES) request.destroy();
	});
	request.on("error", () => {});
	request.resume();
}
