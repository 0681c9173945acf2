// What a worker has to run calls and items with: the loaded version, and what it speaks through.
import { batchOfOne } from "./batch.js";
import { Context } from "./context.js";
import { loadModule } from "./load.js";
import { compileSchema } from "./schema.js";

/**
 * @typedef {import("./open-call.js").OpenCall | import("./open-call.js").OpenSlice | import("./open-call.js").OpenBatch} Open
 *
 * @typedef {object} Tools
 * @property {import("./lane.js").Lane} lane
 * @property {import("./turn.js").Turn} turn
 * @property {import("./outbox.js").Outbox} outbox
 * @property {import("./asks.js").Asks} asks
 * @property {import("../../protocol/messages.ts").Load} load
 * @property {(open: Open, runMs: number) => void} onEnd it has ended, and that is not said yet; how long it ran, infinite if nobody knows
 *
 * @typedef {object} Loaded
 * @property {import("./load.js").Module} module
 * @property {import("./load.js").Apply} apply runs a single input, whichever function the module has
 * @property {unknown} loaded what `load` returned
 * @property {import("./schema.js").Check} checkInput
 * @property {import("./schema.js").Check} checkOutput
 * @property {boolean} isAsync whether items have been seen that do not answer at once
 *
 * @typedef {Tools & Loaded} Bench
 */

/**
 * Loads the version.
 * @param {Tools} tools
 * @returns {Promise<Bench>}
 * @throws {unknown} a LoadingError, or what the author's `load` threw
 */
export async function makeBench(tools) {
	const { asks } = tools;
	const { inputSchema, outputSchema } = tools.load;
	const checkInput = await compileSchema(inputSchema, "input");
	const checkOutput = await compileSchema(outputSchema, "output");
	const module = await loadModule(tools.load);
	const { applyBatch, load } = module;
	const apply = module.apply ?? (applyBatch && batchOfOne(applyBatch));
	return {
		...tools,
		module,
		apply: /** @type {import("./load.js").Apply} */ (apply),
		loaded: await load?.(
			new Context(undefined, "", "", Number.POSITIVE_INFINITY, asks, 0),
		),
		checkInput,
		checkOutput,
		isAsync: [module.apply, applyBatch].some(isAsyncFunction),
	};
}

/** @param {unknown} value */
const isAsyncFunction = (value) =>
	/** @type {object | undefined} */ (value)?.constructor.name ===
	"AsyncFunction";
