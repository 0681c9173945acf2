import type { FileInfo, Part } from "../src/index.ts";

/**
 * What a client is told a file is (api-contract §5.3).
 * @param type by its name
 * @param accept the request's `Accept`; npm's client breaks if it asks for text or JSON and gets another type, and
 * parses JSON that it has asked for as bytes
 */
export function contentType(type: string, accept: string | undefined): string {
	const wanted = accept?.trim().toLowerCase();
	const isWanted = wanted === "text/plain" || wanted === "application/json";
	const isBytes =
		wanted === "application/octet-stream" && type === "application/json";
	const chosen = isWanted || isBytes ? wanted : type;
	return chosen.startsWith("text/") ? `${chosen}; charset=utf-8` : chosen;
}

/** The headers of GET and HEAD of a file. A page among the files must not act for those who look at it. */
export function fileHeaders(
	file: FileInfo,
	accept: string | undefined,
): Record<string, string> {
	return {
		"x-data-type": "file",
		"content-type": contentType(file.type, accept),
		"content-length": String(file.bytes),
		"last-modified": new Date(file.modifiedMs).toUTCString(),
		etag: `"${file.etag}"`,
		"accept-ranges": "bytes",
		"x-content-type-options": "nosniff",
		"content-security-policy": "sandbox",
	};
}

export function partHeaders(
	part: Part,
	totalBytes: number,
): Record<string, string> {
	const { firstByte, lastByte } = part;
	return {
		"content-length": String(lastByte - firstByte + 1),
		"content-range": `bytes ${firstByte}-${lastByte}/${totalBytes}`,
	};
}

/** @param ifNoneMatch the request's header: tags, or `*` */
export function isUnchanged(
	etag: string,
	ifNoneMatch: string | undefined,
): boolean {
	if (ifNoneMatch === undefined) return false;
	return ifNoneMatch
		.split(",")
		.map((tag) => tag.trim().replace(/^W\//, ""))
		.some((tag) => tag === "*" || tag === `"${etag}"` || tag === etag);
}
