import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { until } from "../../support/until.ts";
import { collect, head, parseAnswer, shareServer } from "../support.ts";

const LIMIT = 1000;
const server = shareServer({ maxInputBytes: LIMIT });
const PATH = "/v1/algo/wire/Echo";
const CHUNKED = "Transfer-Encoding: chunked";
const TEXT = "Content-Type: text/plain";

const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
const declared = (bytes: number) => `Content-Length: ${bytes}`;

describe("a body", () => {
	it("in chunks without a length arrives whole", async () => {
		const { body } = await server.exchange(
			head(PATH, TEXT, CHUNKED),
			chunk("one "),
			chunk("two "),
			`${chunk("three")}0\r\n\r\n`,
		);
		expect(JSON.parse(body).result).toBe("one two three");
	});

	it("in chunks without a length or a type is JSON if it can be", async () => {
		const { body } = await server.exchange(
			head(PATH, CHUNKED),
			`${chunk('{"a":')}${chunk("1.0}")}0\r\n\r\n`,
		);
		expect(body).toContain('"result":{"a":1.0}');
	});

	it("in chunks and empty is null", async () => {
		const { body } = await server.exchange(head(PATH, CHUNKED), "0\r\n\r\n");
		expect(JSON.parse(body).result).toBeNull();
	});

	it("that is sent byte by byte arrives whole, a character cut in two as well", async () => {
		const text = Buffer.from("Grüße, 世界 👋 ".repeat(20));
		const socket = server.connect().setNoDelay();
		const received = collect(socket);
		socket.write(head(PATH, TEXT, declared(text.length)));
		for (const byte of text)
			await new Promise((sent) => socket.write(Buffer.of(byte), sent));
		await once(socket, "close");
		expect(JSON.parse(parseAnswer(received.text).body).result).toBe(
			text.toString(),
		);
	});

	it("in more chunks than are kept apart arrives whole and in order", async () => {
		const parts = Array.from({ length: 990 }, (_, i) => String(i % 10));
		const { body } = await server.exchange(
			head(PATH, TEXT, CHUNKED),
			`${parts.map(chunk).join("")}0\r\n\r\n`,
		);
		expect(JSON.parse(body).result).toBe(parts.join(""));
	});

	it("that waits for 100 Continue is asked for", async () => {
		const socket = server.connect();
		const received = collect(socket);
		socket.write(head(PATH, TEXT, declared(2), "Expect: 100-continue"));
		await until("the server asks for the body", () =>
			received.text.startsWith("HTTP/1.1 100 Continue\r\n\r\n"),
		);
		socket.write("hi");
		await once(socket, "close");
		expect(JSON.parse(parseAnswer(received.text).body).result).toBe("hi");
	});

	it("of exactly the limit is taken", async () => {
		const text = "x".repeat(LIMIT);
		const whole = await server.post(PATH, text, {
			"Content-Type": "text/plain",
		});
		expect(whole.body.result).toBe(text);
		const { body } = await server.exchange(
			head(PATH, TEXT, CHUNKED),
			`${chunk(text)}0\r\n\r\n`,
		);
		expect(JSON.parse(body).result).toBe(text);
	});
});

describe("a client that hangs up in the middle of its body", () => {
	it("leaves the server as it was", async () => {
		for (const start of [declared(100), CHUNKED]) {
			const socket = server.connect();
			socket.write(`${head(PATH, TEXT, start)}5\r\nhello`);
			await once(socket, "connect");
			socket.destroy();
		}
		const { body } = await server.call("Echo", "still there");
		expect(body.result).toBe("still there");
	});
});
