import { closest } from "fastest-levenshtein";
import {
	AlgoError,
	JOB_FORMATS,
	type JobOptions,
	type Ref,
	readRef,
} from "../../src/index.ts";
import { last, type Query } from "../data-query.ts";
import {
	isObject,
	number,
	object,
	oneOf,
	orNull,
	text,
} from "./option-values.ts";

type Options = Required<JobOptions>;

/** The bounds of numbers and texts are the engine's to check. */
const OPTIONS: {
	[Name in keyof Options]: (value: unknown) => Options[Name];
} = {
	algorithm: ref,
	input: text,
	format: oneOf(...JOB_FORMATS),
	csvTypes: oneOf("text", "infer"),
	output: text,
	concurrency: number,
	maxAttempts: number,
	maxErrors: orNull(number),
	timeoutSeconds: number,
	label: text,
	metadata: object,
};

/** Those that are no texts, so that in a query they stand as JSON. */
const AS_JSON = [
	"concurrency",
	"maxAttempts",
	"maxErrors",
	"timeoutSeconds",
	"metadata",
];

/** A job's options beside its input, which is the body (interface §9). @throws AlgoError BAD_REQUEST */
export function readJobQuery(query: Query): JobOptions {
	const fields: Record<string, unknown> = {};
	for (const [name, given] of Object.entries(query)) {
		const value = last(given) ?? "";
		fields[name] = AS_JSON.includes(name) ? jsonIn(value) : value;
	}
	if (fields.input !== undefined)
		throw new AlgoError(
			"BAD_REQUEST",
			"with algorithm in the query the body is the input; to name a stored one, send all options as a JSON body",
		);
	return readOptions(fields);
}

/**
 * A job's options as the members of a JSON body (interface §5).
 * @throws AlgoError BAD_REQUEST naming the option, its value and what is allowed
 */
export function readJobFields(fields: unknown): JobOptions {
	if (!isObject(fields))
		throw new AlgoError(
			"BAD_REQUEST",
			`the body is ${shown(fields)}; it must be a JSON object with a job's options`,
		);
	const options = readOptions(fields);
	if (options.input === undefined)
		throw new AlgoError(
			"BAD_REQUEST",
			"input is missing; name a stored file such as data://.my/COLLECTION/FILE, or put the options into the query and send the input as the body",
		);
	return options;
}

function readOptions(fields: Record<string, unknown>): JobOptions {
	const options: Record<string, unknown> = {};
	for (const [name, value] of Object.entries(fields)) {
		if (!isOption(name)) throw unknownOption(name.slice(0, 100));
		try {
			options[name] = OPTIONS[name](value);
		} catch (error) {
			throw new AlgoError(
				"BAD_REQUEST",
				`${name} is ${shown(value)}; it must be ${(error as Error).message}`,
			);
		}
	}
	if (options.algorithm === undefined)
		throw new AlgoError(
			"BAD_REQUEST",
			"algorithm is missing; name one as OWNER/NAME or OWNER/NAME/VERSION, in the query where the body is the input",
		);
	return options as unknown as JobOptions;
}

const isOption = (name: string): name is keyof Options =>
	Object.hasOwn(OPTIONS, name);

const unknownOption = (name: string): AlgoError =>
	new AlgoError(
		"BAD_REQUEST",
		`unknown option ${name}; did you mean ${closest(name, Object.keys(OPTIONS))}?`,
	);

const shown = (value: unknown): string => JSON.stringify(value).slice(0, 200);

function jsonIn(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}

function ref(value: unknown): Ref {
	const found = typeof value === "string" ? readRef(value) : undefined;
	if (found) return found;
	throw new Error("OWNER/NAME or OWNER/NAME/VERSION");
}
