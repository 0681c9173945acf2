import type { Letter, LetterError } from "../letter.ts";
import type { HandedOn, Message } from "../message.ts";
import {
	readBytes,
	readValue,
	writeBytes,
	writeValue,
} from "./bytes-in-json.ts";

/** A message that has failed for good, as its line tells (interface §9). */
export interface DeadLetter {
	messageId: string;
	/** When it was given up, as it is written. */
	at: string;
	/** How often it has failed. */
	attempts: number;
	error: LetterError;
	/** As it arrived. */
	body: Buffer;
	handedOn: HandedOn;
}

/**
 * `{"messageId","at","attempts","error","body"}`, with `"encoding":"base64"` if the body is no UTF-8, and what there is of
 * `headers`, `key`, `correlationId`, `replyTo` and `groupId`. The letter itself goes to nobody who waits for an answer.
 */
export function deadLetter(
	{ id, body, handedOn }: Message,
	attempts: number,
	{ message, error_type }: LetterError,
	at = new Date(),
): Letter {
	const { replyTo, ...rest } = handedOn;
	const { headers, key, correlationId, groupId } = rest;
	const written = writeBytes(body);
	const json = JSON.stringify({
		messageId: id,
		at: at.toISOString(),
		attempts,
		error: { message, error_type },
		...(typeof written === "string"
			? { body: written }
			: { body: written.base64, encoding: "base64" }),
		headers: Object.keys(headers).length > 0 ? writeValue(headers) : undefined,
		key: key && writeBytes(key),
		correlationId,
		replyTo,
		groupId,
	});
	return { id, body: Buffer.from(json), handedOn: rest };
}

/**
 * What `deadLetter` wrote; dates among the headers come back as texts.
 * @throws Error saying what is wrong with it
 */
export function readDeadLetter(line: string): DeadLetter {
	const fields = parse(line);
	const error = object(fields, "error");
	const key = fields.key === undefined ? undefined : readBytes(fields.key);
	if (key === undefined && fields.key !== undefined)
		throw refused("key", fields.key, 'a text or {"base64"}');
	return {
		messageId: text(fields, "messageId"),
		at: text(fields, "at"),
		attempts: count(fields, "attempts"),
		error: {
			message: text(error, "message"),
			error_type: text(error, "error_type"),
		},
		body: bodyOf(fields),
		handedOn: {
			headers: readValue(
				fields.headers === undefined ? {} : object(fields, "headers"),
			) as Fields,
			key,
			correlationId: optionalText(fields, "correlationId"),
			replyTo: optionalText(fields, "replyTo"),
			groupId: optionalText(fields, "groupId"),
		},
	};
}

type Fields = Record<string, unknown>;

function parse(line: string): Fields {
	let value: unknown;
	try {
		value = JSON.parse(line);
	} catch (error) {
		throw new Error(`it is no JSON: ${(error as Error).message}`);
	}
	return object({ line: value }, "line");
}

function bodyOf(fields: Fields): Buffer {
	const body = text(fields, "body");
	const { encoding } = fields;
	if (encoding === undefined) return Buffer.from(body);
	if (encoding !== "base64")
		throw refused("encoding", encoding, "base64, or left out for a text");
	const bytes = readBytes({ base64: body });
	if (bytes === undefined) throw refused("body", body, "base64");
	return bytes;
}

function object(fields: Fields, name: string): Fields {
	const value = fields[name];
	if (typeof value === "object" && value !== null && !Array.isArray(value))
		return value as Fields;
	throw refused(name, value, "an object");
}

function text(fields: Fields, name: string): string {
	const value = fields[name];
	if (typeof value === "string") return value;
	throw refused(name, value, "a text");
}

const optionalText = (fields: Fields, name: string): string | undefined =>
	fields[name] === undefined ? undefined : text(fields, name);

function count(fields: Fields, name: string): number {
	const value = fields[name];
	if (Number.isInteger(value) && (value as number) >= 0) return value as number;
	throw refused(name, value, "a whole number, 0 or more");
}

const refused = (name: string, value: unknown, allowed: string): Error =>
	new Error(
		value === undefined
			? `it has no ${name}; that must be ${allowed}`
			: `${name} is ${JSON.stringify(value).slice(0, 100)}; it must be ${allowed}`,
	);
