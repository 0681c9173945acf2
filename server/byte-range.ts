import type { IncomingHttpHeaders } from "node:http";
import type { ByteRange } from "../src/index.ts";

/**
 * What `Range` asks for. Several ranges, other units and nonsense mean the whole, as RFC 9110 §14.2 has it, and so does
 * `If-Range`, which asks for the whole in case of doubt.
 */
export function byteRangeOf(
	headers: IncomingHttpHeaders,
): ByteRange | undefined {
	if (headers["if-range"] !== undefined) return undefined;
	const [, first, last] =
		/^bytes=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(headers.range ?? "") ?? [];
	if (first === undefined || last === undefined) return undefined;
	if (first === "")
		return last === "" ? undefined : { suffixBytes: Number(last) };
	if (last === "") return { firstByte: Number(first) };
	return Number(first) <= Number(last)
		? { firstByte: Number(first), lastByte: Number(last) }
		: undefined;
}
