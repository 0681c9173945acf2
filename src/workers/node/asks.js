// What code inside a call wants of the server: other algorithms, data. Questions and answers share the lane.
import {
	exchangeFrame,
	InputKind,
	Kind,
	readExchange,
} from "../../protocol/frames.js";

/** @typedef {import('../../protocol/messages.ts').Ask} Ask */
/** @typedef {import('../../protocol/messages.ts').Answer} Answer */
/** @typedef {{ result: unknown, metadata: Record<string, unknown> }} Piped */

const NOTHING = Buffer.alloc(0);

/** The server said no, or the algorithm that was called failed. */
export class AnswerError extends Error {
	/**
	 * @param {string} message
	 * @param {string} [errorType]
	 * @param {string} [stack] of the algorithm that was called, where it may be seen
	 */
	constructor(message, errorType, stack) {
		super(message);
		if (errorType !== undefined)
			this.error_type = /** @type {string} */ (errorType);
		if (stack !== undefined) Object.assign(this, { stack });
	}
}

/** The questions of one worker that have no answer yet. */
export class Asks {
	#lane;
	#lastId = 0;
	/** @type {Map<number, { resolve: (answer: { value: unknown, body: Buffer }) => void, reject: (error: Error) => void }>} */
	#open = new Map();

	/** @param {import('./lane.js').Lane} lane */
	constructor(lane) {
		this.#lane = lane;
	}

	/**
	 * @param {number} call id of the call that asks; 0 while loading
	 * @param {Ask} head
	 * @param {Uint8Array} [body]
	 * @returns {Promise<{ value: unknown, body: Buffer }>}
	 * @throws {AnswerError}
	 */
	ask(call, head, body = NOTHING) {
		const id = ++this.#lastId;
		return new Promise((resolve, reject) => {
			this.#open.set(id, { resolve, reject });
			this.#lane.send(exchangeFrame(Kind.ASK, { id, call, head, body }));
		});
	}

	/** @param {Buffer} payload of an ANSWER frame */
	answered(payload) {
		const { id, head, body } = readExchange(payload);
		const { error, value } = /** @type {Answer} */ (head);
		const asked = this.#open.get(id);
		this.#open.delete(id);
		if (error) asked?.reject(new AnswerError(error.message, error.errorType));
		else asked?.resolve({ value, body });
	}
}

/**
 * Calls an algorithm as the published clients do: a text travels as text, bytes as bytes, all else as JSON.
 * @param {(head: Ask, body?: Uint8Array) => Promise<{ body: Buffer }>} ask
 * @param {string} ref
 * @param {number | undefined} timeoutMs
 * @param {unknown} input
 * @returns {Promise<Piped>}
 * @throws {AnswerError} what the algorithm failed with
 */
export async function pipe(ask, ref, timeoutMs, input) {
	const [inputKind, body] = written(input);
	const answer = await ask(
		{
			what: "algorithm",
			ref,
			inputKind,
			...(timeoutMs !== undefined && { timeoutMs }),
		},
		body,
	);
	const { result, metadata, error } = JSON.parse(answer.body.toString());
	if (error)
		throw new AnswerError(error.message, error.error_type, error.stacktrace);
	return {
		result:
			metadata.content_type === "binary"
				? Buffer.from(result, "base64")
				: result,
		metadata,
	};
}

/**
 * @param {unknown} input
 * @returns {[number, Uint8Array]} one of InputKind, and the bytes
 */
function written(input) {
	if (typeof input === "string") return [InputKind.TEXT, Buffer.from(input)];
	if (input instanceof Uint8Array) return [InputKind.BINARY, input];
	const text = JSON.stringify(input ?? null);
	if (text === undefined)
		throw new TypeError(
			`pipe takes JSON, text or bytes, and got a ${typeof input}`,
		);
	return [InputKind.JSON, Buffer.from(text)];
}
