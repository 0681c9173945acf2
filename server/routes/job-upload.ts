import type { IncomingHttpHeaders } from "node:http";
import { AlgoError, JOB_FORMATS, type JobFormat } from "../../src/index.ts";
import { LINES_TYPE, mediaTypeOf } from "../media-type.ts";

const FORMATS: Record<string, JobFormat> = {
	[LINES_TYPE]: "ndjson",
	"application/ndjson": "ndjson",
	"application/jsonl": "ndjson",
	"text/csv": "csv",
	"application/json": "json",
	"text/plain": "text",
};

/** Whether a body may be a job's options; the types of inputs that are none are known. */
export const mayBeOptions = (headers: IncomingHttpHeaders): boolean =>
	(FORMATS[mediaTypeOf(headers["content-type"])] ?? "json") === "json";

/** Of an input whose format no option names: what its type says. @throws AlgoError UNSUPPORTED_TYPE */
export function formatOf(headers: IncomingHttpHeaders): JobFormat {
	const type = mediaTypeOf(headers["content-type"]);
	const format = FORMATS[type];
	if (format) return format;
	throw new AlgoError(
		"UNSUPPORTED_TYPE",
		`Content-Type '${type}' does not say how the input is written; send ${Object.keys(FORMATS).join(", ")}, or name it in the query: format=${JOB_FORMATS.join(", ")}`,
	);
}
