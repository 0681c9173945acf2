// From an entry file to the one function that serves a call.
import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, TypedError } from "./errors.js";

/**
 * @typedef {(input: unknown, context: object) => unknown} Apply may answer with a promise
 * @typedef {(inputs: unknown[], context: object) => unknown} ApplyBatch
 * @typedef {object} Module It has at least one of the first two.
 * @property {Apply} [apply]
 * @property {ApplyBatch} [applyBatch]
 * @property {(context: object) => unknown} [load]
 */

/**
 * Imports the module and finds its `apply` and `load` (interface §3).
 * @param {import("../../protocol/messages.ts").Load} load
 * @returns {Promise<Module>}
 * @throws {TypedError} LoadingError, naming file and line where there is one, and what to install
 */
export async function loadModule({ entry, folder, algorithm, microBatch }) {
	let module;
	try {
		module = await import(pathToFileURL(entry).href);
	} catch (error) {
		throw await loadingError(error, folder, algorithm);
	}
	const loaded =
		"module.exports" in module
			? fromCommonJs(module["module.exports"])
			: fromEsModule(module);
	if (!loaded) {
		throw new TypedError(
			"LoadingError",
			`${relative(folder, entry)} has no apply: export a function of that name, or applyBatch`,
		);
	}
	if (microBatch && !loaded.applyBatch) {
		throw new TypedError(
			"LoadingError",
			`${relative(folder, entry)} has no applyBatch, which "microBatch" in algorithm.json needs: export a function of that name, or take "microBatch" out`,
		);
	}
	return loaded;
}

/**
 * @param {Members & { default?: unknown }} module
 * @returns {Module | undefined}
 */
function fromEsModule(module) {
	const { default: main } = module;
	if (typeof main === "function" && typeof module.apply !== "function")
		return fromMembers({ ...module, apply: main });
	const own = fromMembers(module);
	if (own) return own;
	return typeof main === "object" && main !== null
		? fromMembers(main)
		: undefined;
}

/**
 * @param {unknown} exports
 * @returns {Module | undefined}
 */
function fromCommonJs(exports) {
	const isBare =
		typeof exports === "function" && !Object.hasOwn(exports, "apply"); // every function inherits an `apply`
	const members = isBare
		? { apply: exports }
		: /** @type {Members} */ (exports ?? {});
	const loaded = fromMembers(members);
	const takesCallback =
		typeof members.apply === "function" && members.apply.length >= 2;
	return loaded?.apply
		? { ...loaded, apply: withCallback(loaded.apply, takesCallback) }
		: loaded;
}

/**
 * @typedef {{ apply?: unknown, applyBatch?: unknown, load?: unknown }} Members
 * @param {Members} members
 * @returns {Module | undefined}
 */
function fromMembers(members) {
	const { apply, applyBatch, load } = members;
	if (typeof apply !== "function" && typeof applyBatch !== "function")
		return undefined;
	return {
		...(typeof apply === "function" && {
			apply: (input, context) => apply.call(members, input, context),
		}),
		...(typeof applyBatch === "function" && {
			applyBatch: (inputs, context) =>
				applyBatch.call(members, inputs, context),
		}),
		...(typeof load === "function" && {
			load: (context) => load.call(members, context),
		}),
	};
}

/**
 * The original platform's `apply(input, callback)` (api-contract §11.6): the callback's first call counts.
 * A returned promise or value counts too if the callback was not used; but a returned handle, such as
 * setTimeout or a request gives, is no result of a function that takes a callback.
 * @param {(input: unknown, callback: (error: unknown, result: unknown) => void) => unknown} apply
 * @param {boolean} takesCallback
 * @returns {Apply}
 */
function withCallback(apply, takesCallback) {
	return (input) => {
		/** @type {{ error: unknown, result: unknown } | undefined} */
		let answer;
		let onAnswer = () => {};
		let returned;
		try {
			returned = apply(input, (error, result) => {
				if (answer) return;
				answer = { error, result };
				onAnswer();
			});
		} catch (error) {
			if (!answer) throw error; // after the callback's first call nothing counts
		}
		const promise = isThenable(returned) ? returned : undefined;
		if (!answer && !promise && (!takesCallback || isPlainData(returned)))
			return returned;
		return new Promise((resolve, reject) => {
			onAnswer = () =>
				answer?.error ? reject(answer.error) : resolve(answer?.result);
			if (answer) onAnswer();
			else
				promise?.then((value) => {
					if (value !== undefined || !takesCallback) resolve(value);
				}, reject);
		});
	};
}

/**
 * @param {unknown} value
 * @returns {value is PromiseLike<unknown>}
 */
export function isThenable(value) {
	return (
		typeof value === "object" &&
		value !== null &&
		"then" in value &&
		typeof value.then === "function"
	);
}

/** @param {unknown} value */
function isPlainData(value) {
	if (typeof value !== "object")
		return value !== undefined && typeof value !== "function";
	if (value === null || Array.isArray(value) || value instanceof Uint8Array)
		return true;
	const prototype = Object.getPrototypeOf(value);
	return prototype === Object.prototype || prototype === null;
}

/**
 * @param {unknown} error
 * @param {string} folder
 * @param {string} algorithm
 */
async function loadingError(error, folder, algorithm) {
	const { message, stack = "" } = describe(error);
	const { name = "Error", code = "" } = /** @type {NodeJS.ErrnoException} */ (
		Object(error)
	);
	const isSyntax = error instanceof SyntaxError;
	const place =
		placeIn(stack, folder) ??
		(isSyntax ? await findSyntaxError(folder) : undefined);
	const isMissingPackage =
		/^(ERR_)?MODULE_NOT_FOUND$/.test(code) &&
		/package|module '[^./]/.test(message);
	const text = [
		place && `${place}: `,
		name !== "Error" && `${name}: `,
		message.split("\nRequire stack")[0],
		isMissingPackage &&
			`; name it in package.json and run: applyd install ${algorithm}`,
	];
	return new TypedError("LoadingError", text.filter(Boolean).join(""), error);
}

/**
 * `index.ts:3` out of a stack that names a file of the folder.
 * @param {string} stack
 * @param {string} folder
 */
function placeIn(stack, folder) {
	for (const [, url, line] of stack.matchAll(
		/(file:\/\/[^\s:)]+|\/[^\s:)]+):(\d+)/g,
	)) {
		let path = /** @type {string} */ (url);
		if (path.startsWith("file:")) path = fileURLToPath(path);
		if (path.startsWith(folder)) return `${relative(folder, path)}:${line}`;
	}
	return undefined;
}

/**
 * The SyntaxError of an import carries neither file nor line on Node 24; `node --check` knows both.
 * @param {string} folder
 */
async function findSyntaxError(folder) {
	const files = await readdir(folder, { recursive: true });
	for (const file of files) {
		if (!/\.[cm]?[jt]s$/.test(file) || /node_modules|(^|\/)\./.test(file))
			continue;
		const stderr = await new Promise((resolve) => {
			execFile(
				process.execPath,
				["--check", join(folder, file)],
				{ timeout: 10_000 },
				(error, _, text) => resolve(error ? text : ""),
			);
		});
		const place = placeIn(stderr, folder);
		if (place) return place;
	}
	return undefined;
}
