import {
	anything,
	type Check,
	faultIn,
	isObject,
	must,
	object,
	oneOf,
	text,
	whole,
} from "../checks.ts";

/** `algorithm.json`, every member optional (interface §3). */
export interface Manifest {
	summary?: string;
	entry?: string;
	sampleInput?: unknown;
	/** JSON Schema 2020-12 of one input. */
	input?: unknown;
	output?: unknown;
	/** `items`: a top-level array is a list of inputs. */
	batch?: "native" | "items";
	/** How many inputs `applyBatch` gets at most. */
	maxBatchItems?: number;
	/** How the items of a list are run, unless the call says. */
	fanOut?: "serial" | "parallel";
	/** Concurrent single calls go to `applyBatch` together. */
	microBatch?: { maxItems?: number; maxWaitMs?: number };
	workers?: { min?: number; max?: number };
	memoryMb?: number;
	isolation?: "thread" | "process";
	/** Python: workers are copies of one that has loaded. */
	fork?: boolean;
	timeoutSeconds?: number;
	loadTimeoutSeconds?: number;
	visibility?: "public" | "private";
	/** What the network shows it. Named as the original platform's setting of the same meaning (api-contract §11.8). */
	network_access?: "full" | "isolated";
}

const path = must(
	(value) => typeof value === "string" && value !== "",
	"a path",
);
const seconds = must(
	(value) => typeof value === "number" && value > 0 && value <= 3000,
	"a number of seconds above 0, at most 3000",
);
/** Whether it is a valid one is found where it is compiled, in the worker. */
const jsonSchema = must(
	(value) => isObject(value) || typeof value === "boolean",
	"a JSON Schema: an object, true or false",
);

/** Every key, once. Ajv checks what authors' schemas say, in the workers of those that have one. */
const KEYS: Record<string, Check> = {
	$schema: text,
	summary: text,
	entry: path,
	sampleInput: anything,
	input: jsonSchema,
	output: jsonSchema,
	batch: oneOf("native", "items"),
	maxBatchItems: whole(1, 65_535),
	fanOut: oneOf("serial", "parallel"),
	microBatch: object,
	workers: object,
	memoryMb: whole(16, 1024 * 1024),
	isolation: oneOf("thread", "process"),
	fork: oneOf(true, false),
	timeoutSeconds: seconds,
	loadTimeoutSeconds: seconds,
	visibility: oneOf("public", "private"),
	network_access: oneOf("full", "isolated"),
} satisfies Record<keyof Manifest | "$schema", Check>;

const MICRO_BATCH_KEYS = {
	maxItems: whole(1, 65_535),
	maxWaitMs: must(
		(value) => typeof value === "number" && value >= 0 && value <= 1000,
		"a number of milliseconds from 0 to 1000",
	),
};
const WORKERS_KEYS = { min: whole(0, 1024), max: whole(1, 1024) };

/**
 * @param source of `algorithm.json`
 * @returns the manifest, or what is wrong with it
 */
export function parseManifest(
	source: string,
): { manifest: Manifest } | { fault: string } {
	let value: unknown;
	try {
		value = JSON.parse(source.replace(/^\uFEFF/, ""));
	} catch (error) {
		return { fault: `is no valid JSON: ${(error as Error).message}` };
	}
	if (!isObject(value)) return { fault: "the manifest must be an object" };
	const manifest: Manifest = value;
	const { workers = {}, microBatch = {} } = manifest;
	const fault =
		faultIn(value, KEYS, "") ??
		faultIn(workers, WORKERS_KEYS, "workers.") ??
		faultIn(microBatch, MICRO_BATCH_KEYS, "microBatch.");
	if (fault !== undefined) return { fault };
	const { min = 0, max = Number.POSITIVE_INFINITY } = workers;
	return min > max
		? { fault: `"workers.min" is ${min}, more than "workers.max", ${max}` }
		: { manifest };
}
