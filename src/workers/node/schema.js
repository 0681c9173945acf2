// JSON Schema 2020-12 of one input and one output (interface §3). Ajv loads only for versions that ask.
import { TypedError } from "./errors.js";

/**
 * @typedef {(value: unknown) => void} Check throws a TypedError that names the JSON pointer
 */

/**
 * @param {unknown} schema
 * @param {'input' | 'output'} side
 * @returns {Promise<Check>}
 * @throws {TypedError} LoadingError: no valid schema
 */
export async function compileSchema(schema, side) {
	if (schema === undefined) return () => {};
	const { Ajv2020 } = await import("ajv/dist/2020.js");
	let validate;
	try {
		validate = new Ajv2020({ strict: false }).compile(
			/** @type {object} */ (schema),
		);
	} catch (error) {
		throw new TypedError(
			"LoadingError",
			`algorithm.json: ${side} is no JSON Schema: ${error instanceof Error ? error.message : error}`,
		);
	}
	const errorType = side === "input" ? "InputError" : "AlgorithmError";
	return (value) => {
		if (validate(value)) return;
		const error = validate.errors?.[0];
		const what =
			error?.keyword === "additionalProperties"
				? `${error.message}: ${error.params.additionalProperty}`
				: error?.message;
		throw new TypedError(
			errorType,
			`${side}${error?.instancePath ? ` at ${error.instancePath}` : ""} ${what}`,
		);
	};
}
