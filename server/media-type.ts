import { AlgoError, InputKind } from "../src/index.ts";

/** A line an input, and a line an outcome (interface §4). */
export const LINES_TYPE = "application/x-ndjson";

/** How a body of this type becomes the input (api-contract §3.4). @throws AlgoError UNSUPPORTED_TYPE */
export function inputKindOf(contentType: string): number {
	if (contentType === "application/json") return InputKind.JSON;
	switch (mediaTypeOf(contentType)) {
		case "application/json":
			return InputKind.JSON;
		case "text/plain":
		case "application/text":
			return InputKind.TEXT;
		case "application/octet-stream":
			return InputKind.BINARY;
		case "":
			return InputKind.UNTYPED;
		default:
			throw unsupportedType(contentType);
	}
}

export const unsupportedType = (contentType: string): AlgoError =>
	new AlgoError(
		"UNSUPPORTED_TYPE",
		`unsupported Content-Type '${contentType}'; send application/json, text/plain, application/octet-stream or ${LINES_TYPE}`,
	);

export const mediaTypeOf = (contentType = ""): string =>
	(contentType.split(";", 1)[0] ?? "").trim().toLowerCase();
