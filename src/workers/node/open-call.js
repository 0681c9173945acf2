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

export {};
