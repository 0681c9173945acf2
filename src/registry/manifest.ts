import { closest } from "fastest-levenshtein";

/** `algorithm.json`, every member optional (interface §3). */
export interface Manifest {
	summary?: string;
	entry?: string;
	sampleInput?: unknown;
	/** JSON Schema 2020-12 of one input. */
	input?: unknown;
	output?: unknown;
	workers?: { min?: number; max?: number };
	memoryMb?: number;
	isolation?: "thread" | "process";
	timeoutSeconds?: number;
	loadTimeoutSeconds?: number;
	visibility?: "public" | "private";
}

const whole = (minimum: number, maximum: number) => ({
	type: "integer",
	minimum,
	maximum,
});
const jsonSchema = { type: ["object", "boolean"] };

const MANIFEST_SCHEMA = {
	type: "object",
	additionalProperties: false,
	properties: {
		$schema: { type: "string" },
		summary: { type: "string" },
		entry: { type: "string", minLength: 1 },
		sampleInput: {},
		input: jsonSchema,
		output: jsonSchema,
		workers: {
			type: "object",
			additionalProperties: false,
			properties: { min: whole(0, 1024), max: whole(1, 1024) },
		},
		memoryMb: whole(16, 1024 * 1024),
		isolation: { enum: ["thread", "process"] },
		timeoutSeconds: { type: "number", exclusiveMinimum: 0, maximum: 3000 },
		loadTimeoutSeconds: { type: "number", exclusiveMinimum: 0, maximum: 3000 },
		visibility: { enum: ["public", "private"] },
	},
};

let validator: Promise<(value: unknown) => string | undefined> | undefined;

/** Ajv is loaded with the first manifest: a server without manifests starts without it. */
async function loadValidator(): Promise<
	(value: unknown) => string | undefined
> {
	const { Ajv } = await import("ajv");
	const validate = new Ajv({ allowUnionTypes: true }).compile(MANIFEST_SCHEMA);
	return (value) => {
		if (validate(value)) return undefined;
		const error = validate.errors?.[0];
		const place = error?.instancePath.slice(1).replaceAll("/", ".") ?? "";
		if (error?.keyword === "additionalProperties") {
			const key = String(error.params.additionalProperty);
			const known =
				place === "workers"
					? MANIFEST_SCHEMA.properties.workers.properties
					: MANIFEST_SCHEMA.properties;
			return `unknown key "${place ? `${place}.` : ""}${key}"; did you mean "${closest(key, Object.keys(known))}"?`;
		}
		const allowed =
			error?.keyword === "enum"
				? `: ${error.params.allowedValues.join(", ")}`
				: "";
		return `${place === "" ? "the manifest" : `"${place}"`} ${error?.message}${allowed}`;
	};
}

/**
 * @param text of `algorithm.json`
 * @returns the manifest, or what is wrong with it
 */
export async function parseManifest(
	text: string,
): Promise<{ manifest: Manifest } | { fault: string }> {
	let value: unknown;
	try {
		value = JSON.parse(text.replace(/^\uFEFF/, ""));
	} catch (error) {
		return { fault: `is no valid JSON: ${(error as Error).message}` };
	}
	validator ??= loadValidator();
	const fault = (await validator)(value);
	if (fault) return { fault };
	const manifest = value as Manifest;
	const { min = 0, max = Number.POSITIVE_INFINITY } = manifest.workers ?? {};
	return min > max
		? { fault: `"workers.min" is ${min}, more than "workers.max", ${max}` }
		: { manifest };
}
