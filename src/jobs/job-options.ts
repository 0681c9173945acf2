import { AlgoError } from "../errors.ts";
import { JOB_FORMATS, type JobFormat, type JobOptions } from "./job.ts";

const MAX_ATTEMPTS = 100;
const DEFAULT_ATTEMPTS = 3;
const MAX_CONCURRENCY = 4096;
const MAX_LABEL_LENGTH = 200;
const MAX_METADATA_BYTES = 16 * 1024;

/** By the end of an input's name; without `.gz`. */
const FORMATS: Record<string, JobFormat> = {
	csv: "csv",
	json: "json",
	txt: "text",
};

/** What of a job's options is kept as JSON. */
export type KeptOptions = Pick<
	JobOptions,
	| "csvTypes"
	| "output"
	| "concurrency"
	| "maxErrors"
	| "timeoutSeconds"
	| "label"
	| "metadata"
> & { maxAttempts: number };

/** @throws AlgoError BAD_REQUEST naming the option, its value and what is allowed */
export function keptOptions(
	options: JobOptions,
	format: JobFormat,
	maxTimeoutSeconds: number,
): KeptOptions {
	const { csvTypes, label, metadata, maxErrors = null } = options;
	const { concurrency, maxAttempts = DEFAULT_ATTEMPTS } = options;
	const { timeoutSeconds, output } = options;
	if (csvTypes !== undefined && csvTypes !== "text" && csvTypes !== "infer")
		throw fault("csvTypes", csvTypes, "text or infer");
	if (concurrency !== undefined)
		checkCount("concurrency", concurrency, 1, MAX_CONCURRENCY);
	checkCount("maxAttempts", maxAttempts, 1, MAX_ATTEMPTS);
	if (maxErrors !== null)
		checkCount("maxErrors", maxErrors, 0, Number.MAX_SAFE_INTEGER);
	if (
		timeoutSeconds !== undefined &&
		!(timeoutSeconds > 0 && timeoutSeconds <= maxTimeoutSeconds)
	)
		throw fault(
			"timeoutSeconds",
			timeoutSeconds,
			`a number above 0, at most ${maxTimeoutSeconds}`,
		);
	if (label !== undefined && label.length > MAX_LABEL_LENGTH)
		throw fault(
			"label",
			`${label.slice(0, 40)}…`,
			`at most ${MAX_LABEL_LENGTH} characters`,
		);
	const metadataBytes =
		metadata === undefined ? 0 : Buffer.byteLength(JSON.stringify(metadata));
	if (metadataBytes > MAX_METADATA_BYTES)
		throw fault(
			"metadata",
			`${metadataBytes} bytes`,
			`at most ${MAX_METADATA_BYTES} bytes of JSON`,
		);
	return {
		...(format === "csv" && { csvTypes: csvTypes ?? "text" }),
		output,
		concurrency,
		maxAttempts,
		maxErrors,
		timeoutSeconds,
		label,
		metadata,
	};
}

/** @throws AlgoError BAD_REQUEST */
export function formatOf({ format, input = "" }: JobOptions): JobFormat {
	const [, ending = ""] = /\.(\w+)(?:\.gz)?$/.exec(input.toLowerCase()) ?? [];
	const found = format ?? FORMATS[ending] ?? "ndjson";
	if (!JOB_FORMATS.includes(found))
		throw fault("format", found, `one of ${JOB_FORMATS.join(", ")}`);
	if (format === undefined && ending === "parquet")
		throw new AlgoError(
			"BAD_REQUEST",
			`${input} seems to be Parquet, which cannot be read; write it as NDJSON or CSV, or say with format what it is`,
		);
	return found;
}

function checkCount(
	name: string,
	value: number,
	minimum: number,
	maximum: number,
): void {
	if (Number.isSafeInteger(value) && value >= minimum && value <= maximum)
		return;
	throw fault(
		name,
		value,
		maximum === Number.MAX_SAFE_INTEGER
			? `a whole number, at least ${minimum}`
			: `a whole number from ${minimum} to ${maximum}`,
	);
}

const fault = (name: string, value: unknown, allowed: string): AlgoError =>
	new AlgoError(
		"BAD_REQUEST",
		`${name} is ${JSON.stringify(value)}; it must be ${allowed}`,
	);
