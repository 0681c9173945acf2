import type { IncomingHttpHeaders } from "node:http";
import { AlgoError, JOB_FORMATS, type JobFormat } from "../../src/index.ts";

const FORMATS: Record<string, JobFormat> = {
	"application/x-ndjson": "ndjson",
	"application/ndjson": "ndjson",
	"application/jsonl": "ndjson",
	"text/csv": "csv",
	"application/json": "json",
	"text/plain": "text",
	"application/vnd.apache.parquet": "parquet",
};

const mediaTypeOf = ({ "content-type": type = "" }: IncomingHttpHeaders) =>
	(type.split(";", 1)[0] ?? "").trim().toLowerCase();

/** Whether a body may be a job's options; the types of inputs that are none are known. */
export const mayBeOptions = (headers: IncomingHttpHeaders): boolean =>
	(FORMATS[mediaTypeOf(headers)] ?? "json") === "json";

/** Of an input whose format no option names: what its type says. @throws AlgoError UNSUPPORTED_TYPE */
export function formatOf(headers: IncomingHttpHeaders): JobFormat {
	const type = mediaTypeOf(headers);
	const format = FORMATS[type];
	if (format) return format;
	throw new AlgoError(
		"UNSUPPORTED_TYPE",
		`Content-Type '${type}' does not say how the input is written; send ${Object.keys(FORMATS).join(", ")}, or name it in the query: format=${JOB_FORMATS.join(", ")}`,
	);
}

/** @throws AlgoError BAD_REQUEST for an encoding that is not known */
export function isGzip(headers: IncomingHttpHeaders): boolean {
	const encoding = headers["content-encoding"]?.toLowerCase() ?? "identity";
	if (encoding === "gzip" || encoding === "x-gzip") return true;
	if (encoding === "identity") return false;
	throw new AlgoError(
		"BAD_REQUEST",
		`unsupported Content-Encoding '${encoding}'; send the body as it is, or with gzip`,
	);
}
