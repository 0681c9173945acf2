import type { Transform } from "node:stream";
import { createGunzip } from "node:zlib";
import { AlgoError } from "../errors.ts";

const CHUNK_BYTES = 65_536;

/** Unpacks gzip. It fails with AlgoError BAD_REQUEST if the input is none, is damaged or ends too early. */
export function gunzip(): Transform {
	const stream = createGunzip({ chunkSize: CHUNK_BYTES });
	const destroy = stream._destroy.bind(stream);
	stream._destroy = (error, done) =>
		destroy(error, (cause) => done(toldOf(cause, stream.bytesWritten)));
	return stream;
}

/** @param byte of the packed input, up to which it was good or nearly so */
function toldOf(
	cause: NodeJS.ErrnoException | null | undefined,
	byte: number,
): Error | null {
	if (cause?.code === "Z_BUF_ERROR")
		return new AlgoError(
			"BAD_REQUEST",
			"the gzip data end too early: a part is missing",
			{ cause },
		);
	if (cause?.code?.startsWith("Z_"))
		return new AlgoError(
			"BAD_REQUEST",
			`the input is not gzip, or damaged: ${cause.message} (near byte ${byte})`,
			{ cause },
		);
	return cause ?? null;
}
