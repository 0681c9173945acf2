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
 * @typedef {import("../../protocol/frames.js").CallFields & import("../../protocol/frames.js").SliceFields & {
 *   body: Buffer,
 *   output?: import("./output.js").Output,
 *   over?: boolean,
 * }} OpenSlice
 */

export {};
