import { AlgoError, InputKind } from "../src/index.ts";

/** How a body of this type becomes the input (api-contract §3.4). @throws AlgoError UNSUPPORTED_TYPE */
export function inputKindOf(contentType: string): number {
	if (contentType === "application/json") return InputKind.JSON;
	const [mediaType = ""] = contentType.split(";", 1);
	switch (mediaType.trim().toLowerCase()) {
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
		`unsupported Content-Type '${contentType}'; send application/json, text/plain or application/octet-stream`,
	);
