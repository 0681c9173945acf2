/**
 * A call between its arrival and its outcome.
 * @typedef {import("../../protocol/frames.js").CallFields & {
 *   body: Buffer,
 *   input?: unknown,
 *   context?: import("./context.js").Context,
 *   output?: import("./output.js").Output,
 *   over?: boolean,
 * }} OpenCall
 */

/**
 * A slice between its arrival and its end.
 * @typedef {import("../../protocol/frames.js").CallFields & import("../../protocol/slice-frames.js").SliceFields & {
 *   body: Buffer,
 *   output?: import("./output.js").Output,
 *   over?: boolean,
 * }} OpenSlice
 */

/**
 * Calls that start together, between their arrival and their end.
 * @typedef {object} OpenBatch
 * @property {number} id of the last of them: it stands for all
 * @property {OpenCall[]} calls
 * @property {string | null} requestId of the only one
 * @property {import("./output.js").Output} [output]
 * @property {boolean} [over]
 */

export {};
