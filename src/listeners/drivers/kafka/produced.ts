import type { Letter } from "../../letter.ts";

/** A record as it is produced. */
export interface Produced {
	topic: string;
	key?: Buffer;
	value: Buffer;
	headers: Map<Buffer, Buffer | null>;
}

/** Keyed as its message was, with the headers of that. */
export function toProduced(
	topic: string,
	{ body, handedOn: { headers, key, correlationId } }: Letter,
): Produced {
	const all = Object.entries({
		...headers,
		...(correlationId !== undefined && { correlationId }),
	});
	return {
		topic,
		value: body,
		...(key && { key }),
		headers: new Map(
			all.map(([name, value]) => [Buffer.from(name), bytesOf(value)]),
		),
	};
}

/** Texts and bytes as they are, anything else as JSON. */
function bytesOf(value: unknown): Buffer | null {
	if (value === null || value === undefined) return null;
	if (Buffer.isBuffer(value)) return value;
	return Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
}

/** Lengths, attributes and times of a record, at most. */
const RECORD_OVERHEAD = 32;
const HEADER_OVERHEAD = 10;

/** What it takes in a request, at most. */
export function sizeOf({ key, value, headers }: Produced): number {
	let bytes = RECORD_OVERHEAD + value.length + (key?.length ?? 0);
	for (const [name, text] of headers)
		bytes += HEADER_OVERHEAD + name.length + (text?.length ?? 0);
	return bytes;
}
