// What `applyBatch` answers (interface §9).
import { TypedError } from "./errors.js";
import { isThenable } from "./load.js";

/**
 * @param {unknown} results of `applyBatch`
 * @param {number} count of its inputs
 * @returns {TypedError | undefined} what is wrong with them
 */
export function faultOfResults(results, count) {
	if (!Array.isArray(results))
		return new TypedError(
			"AlgorithmError",
			`applyBatch answered no array for ${count} inputs`,
		);
	return results.length === count
		? undefined
		: new TypedError(
				"AlgorithmError",
				`applyBatch answered ${results.length} results for ${count} inputs`,
			);
}

/**
 * A single input is a batch of one.
 * @param {import("./load.js").ApplyBatch} applyBatch
 * @returns {import("./load.js").Apply}
 */
export function batchOfOne(applyBatch) {
	return (input, context) => {
		const results = applyBatch([input], context);
		return isThenable(results) ? results.then(only) : only(results);
	};
}

/** @param {unknown} results */
function only(results) {
	const fault = faultOfResults(results, 1);
	if (fault) throw fault;
	const [result] = /** @type {unknown[]} */ (results);
	if (result instanceof Error) throw result;
	return result;
}
