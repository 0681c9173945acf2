import type { FastifyInstance, FastifyRequest } from "fastify";
import { AlgoError } from "../../src/index.ts";

/** After a refusal this much more is read and thrown away, so that a client that still writes sees the answer and no reset. */
const DRAIN_BYTES = 64 * 2 ** 20;
/** So many small chunks are joined while a body arrives: a body sent byte by byte costs its bytes, not its chunks. */
const JOIN_CHUNKS = 512;

/** Bodies are bytes: nothing on the server's thread parses them. The limit holds while reading (api-contract §1.3). */
export function payload(app: FastifyInstance, maxBytes: number): void {
	app.removeAllContentTypeParsers();
	// Those that calls use are named: Fastify finds them without parsing the header again.
	app.addContentTypeParser(
		["*", "application/json", "text/plain", "application/octet-stream"],
		(request, stream, done) => {
			const declared = Number(request.headers["content-length"]);
			if (declared > maxBytes) {
				refuse(request, stream);
				done(tooLarge(declared, maxBytes));
				return;
			}
			let chunks: Buffer[] = [];
			let bytes = 0;
			const onData = (chunk: Buffer) => {
				bytes += chunk.length;
				if (bytes > maxBytes) {
					stream.off("data", onData);
					stream.off("end", onEnd);
					chunks = [];
					refuse(request, stream);
					done(tooLarge(undefined, maxBytes));
					return;
				}
				chunks.push(chunk);
				if (chunks.length === JOIN_CHUNKS) chunks = joinSmall(chunks);
			};
			const onEnd = () =>
				done(
					null,
					chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, bytes),
				);
			stream.on("data", onData);
			stream.on("end", onEnd);
			stream.on("error", (error) => done(error));
		},
	);
}

/** Joins the chunks after the last join: each byte is copied about once more, whatever the number of chunks. */
function joinSmall(chunks: Buffer[]): Buffer[] {
	const joined: Buffer[] = [];
	let small: Buffer[] = [];
	for (const chunk of chunks) {
		if (chunk.length >= 16_384) {
			if (small.length > 0) joined.push(Buffer.concat(small));
			small = [];
			joined.push(chunk);
		} else small.push(chunk);
	}
	if (small.length > 0) joined.push(Buffer.concat(small));
	return joined.length < JOIN_CHUNKS / 2 ? joined : [Buffer.concat(joined)];
}

function refuse(request: FastifyRequest, stream: NodeJS.ReadableStream): void {
	let drained = 0;
	stream.on("data", (chunk: Buffer) => {
		drained += chunk.length;
		if (drained > DRAIN_BYTES) request.raw.destroy();
	});
	stream.on("error", () => {});
}

function tooLarge(declared: number | undefined, maxBytes: number): AlgoError {
	const size =
		declared === undefined ? `more than ${maxBytes}` : String(declared);
	return new AlgoError(
		"INPUT_TOO_LARGE",
		`the input is ${size} bytes, the limit is ${maxBytes} bytes; send it in parts, or store it as data and send its address`,
	);
}
