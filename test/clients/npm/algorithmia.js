/** The client has no types of its own; this is what is used of it. */
import { createRequire } from "node:module";

/**
 * @typedef {{ result: unknown, error?: { message: string }, metadata?: object, status: number, get(): unknown }} Answer
 * @typedef {{ pipe(input: unknown): PromiseLike<Answer>, pipeJson(input: string): PromiseLike<Answer> }} Algorithm
 */

/** @type {(key?: string, address?: string) => { algo(ref: string): Algorithm }} */
export const algorithmia = createRequire(import.meta.url)("algorithmia");
