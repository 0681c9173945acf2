// What an author's code threw, in the words of an error envelope (api-contract §3.8).

const OUR_FRAMES = new URL(".", import.meta.url).href;

/**
 * An error of ours that callers see under its own type, such as InputError.
 */
export class TypedError extends Error {
	/**
	 * @param {string} errorType
	 * @param {string} message
	 * @param {unknown} [cause]
	 */
	constructor(errorType, message, cause) {
		super(message, { cause });
		this.error_type = errorType;
	}
}

/**
 * @typedef {{ message: string, stack?: string, errorType: string }} Described
 */

/**
 * Describes anything that can be thrown: errors, texts, `null`, objects with hostile getters. Never throws.
 * @param {unknown} thrown
 * @param {string} [fallbackType]
 * @returns {Described}
 */
export function describe(thrown, fallbackType = "AlgorithmError") {
	try {
		const error = /** @type {Record<string, unknown>} */ (Object(thrown));
		const ownType = error.error_type ?? error.errorType;
		const errorType =
			typeof ownType === "string" && ownType !== "" ? ownType : fallbackType;
		const isError = thrown instanceof Error || typeof error.stack === "string";
		const message = isError
			? String(error.message || error.name)
			: plainMessage(thrown);
		const stack =
			isError && !(thrown instanceof TypedError)
				? authorStack(String(error.stack))
				: undefined;
		return stack ? { message, stack, errorType } : { message, errorType };
	} catch {
		return {
			message: "the algorithm threw something that cannot be described",
			errorType: fallbackType,
		};
	}
}

/** @param {unknown} thrown */
function plainMessage(thrown) {
	if (typeof thrown === "string") return thrown;
	if (typeof thrown === "object" && thrown !== null) {
		const { message } = /** @type {{ message?: unknown }} */ (thrown);
		return typeof message === "string"
			? message
			: (JSON.stringify(thrown) ?? String(thrown));
	}
	return String(thrown);
}

/**
 * The stack without the frames of this folder and of Node itself below the author's.
 * @param {string} stack
 */
function authorStack(stack) {
	const lines = stack.split("\n");
	const ours = lines.findIndex((line) => line.includes(OUR_FRAMES));
	return (ours < 0 ? lines : lines.slice(0, ours))
		.join("\n")
		.slice(0, 64 * 1024);
}
