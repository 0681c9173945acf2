import { expect, it } from "vitest";
import type { HandedOn, Message } from "../../../../src/listeners/message.ts";
import {
	deadLetter,
	readDeadLetter,
} from "../../../../src/listeners/sinks/dead-letter.ts";

const message = (
	body: string | Buffer,
	handedOn: Partial<HandedOn> = {},
): Message => ({
	id: "m1",
	body: Buffer.from(body),
	isRedelivered: false,
	attempts: 0,
	handedOn: { headers: {}, ...handedOn },
});
const ERROR = { message: "no", error_type: "InputError" };
const AT = new Date("2026-11-26T18:42:11.123Z");
const write = (of: Message) => deadLetter(of, 3, ERROR, AT);
const lineOf = (of: Message) => write(of).body.toString();

it("tells what failed, how often and why", () => {
	expect(lineOf(message('{"a": 1}\n'))).toBe(
		'{"messageId":"m1","at":"2026-11-26T18:42:11.123Z","attempts":3,"error":{"message":"no","error_type":"InputError"},"body":"{\\"a\\": 1}\\n"}',
	);
});

it("says so when the body is no text", () => {
	const line = lineOf(message(Buffer.from([0xff, 0x0a])));
	expect(JSON.parse(line)).toMatchObject({ body: "/wo=", encoding: "base64" });
});

it.each([
	["a text", message("x")],
	["nothing", message("")],
	["a byte order mark", message("\ufeffx")],
	["bytes", message(Buffer.from([0, 0xff, 0xfe, 0x0a]))],
	[
		"what goes along",
		message("x", {
			headers: {
				text: "é",
				number: 1.5,
				yes: true,
				none: null,
				bytes: Buffer.from("text"),
				table: { list: [1, "b", Buffer.from([0xff])] },
				base64: { base64: "no base64!" },
			},
			key: Buffer.from("k"),
			correlationId: "c",
			replyTo: "q",
			groupId: "g",
		}),
	],
	["a key of bytes", message("x", { key: Buffer.from([0xff]) })],
	["an empty key", message("x", { key: Buffer.alloc(0) })],
])("comes back as it was: %s", (_, of) => {
	expect(readDeadLetter(lineOf(of))).toEqual({
		messageId: of.id,
		at: AT.toISOString(),
		attempts: 3,
		error: ERROR,
		body: of.body,
		handedOn: of.handedOn,
	});
});

it("keeps whole numbers and dates of AMQP headers as JSON can", () => {
	const headers = { small: 7n, large: 2n ** 60n, date: AT };
	expect(
		readDeadLetter(lineOf(message("x", { headers }))).handedOn.headers,
	).toEqual({
		small: 7,
		large: "1152921504606846976",
		date: AT.toISOString(),
	});
});

it("goes to nobody who waits for an answer, though it says who did", () => {
	const { handedOn, body } = write(
		message("x", { replyTo: "q", correlationId: "c" }),
	);
	expect(handedOn).toEqual({ headers: {}, correlationId: "c" });
	expect(JSON.parse(body.toString())).toMatchObject({ replyTo: "q" });
});

it.each([
	["{", "it is no JSON"],
	["[]", "line is []; it must be an object"],
	[{ messageId: undefined }, "it has no messageId; that must be a text"],
	[{ attempts: -1 }, "attempts is -1; it must be a whole number, 0 or more"],
	[{ error: "no" }, 'error is "no"; it must be an object'],
	[{ error: { message: "x" } }, "it has no error_type"],
	[{ body: 1 }, "body is 1; it must be a text"],
	[
		{ encoding: "gzip" },
		'encoding is "gzip"; it must be base64, or left out for a text',
	],
	[{ encoding: "base64", body: "é" }, 'body is "é"; it must be base64'],
	[{ headers: [] }, "headers is []; it must be an object"],
	[{ key: 7 }, 'key is 7; it must be a text or {"base64"}'],
	[{ replyTo: 7 }, "replyTo is 7; it must be a text"],
])("is refused with %j", (change, why) => {
	const line =
		typeof change === "string"
			? change
			: JSON.stringify({ ...JSON.parse(lineOf(message("x"))), ...change });
	expect(() => readDeadLetter(line)).toThrow(why);
});
