/** The client has no types of its own; this is what is used of it. */
import { createRequire } from "node:module";

/**
 * @typedef {{ result: unknown, error?: { message: string }, metadata?: object, status: number, get(): unknown }} Answer
 * @typedef {{ pipe(input: unknown): PromiseLike<Answer>, pipeJson(input: string): PromiseLike<Answer> }} Algorithm
 *
 * @typedef {(value: unknown) => void} Callback
 * @typedef {object} File
 * @property {() => string} basename
 * @property {(content: string | Buffer, callback: Callback) => void} put
 * @property {(content: string, callback: Callback) => void} putString
 * @property {(content: string, callback: Callback) => void} putJson
 * @property {(callback: (error: unknown, data: unknown) => void) => void} get
 * @property {(callback: Callback) => void} getString
 * @property {(callback: Callback) => void} getJson
 * @property {(callback: Callback) => void} exists
 * @property {(callback: Callback) => void} delete
 *
 * @typedef {(callback: (error: unknown, item: File) => void) => { then(callback: () => void): void }} ForEach
 * @typedef {object} Dir
 * @property {(name: string) => File} file
 * @property {(path: string, callback: Callback) => void} putFile
 * @property {(callback: Callback) => void} create
 * @property {(callback: Callback) => void} exists
 * @property {(force: boolean, callback: Callback) => void} delete
 * @property {ForEach} forEachFile
 * @property {ForEach} forEachDir
 *
 * @typedef {{ algo(ref: string): Algorithm, file(path: string): File, dir(path: string): Dir }} Client
 */

/** @type {(key?: string, address?: string) => Client} */
export const algorithmia = createRequire(import.meta.url)("algorithmia");
