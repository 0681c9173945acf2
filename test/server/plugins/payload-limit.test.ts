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

describe("a body over the limit", () => {
	const expectTooLarge = (text: string) => {
		const { status, headers, body } = parseAnswer(text);
		expect(status).toBe(413);
		expect(headers["content-type"]).toMatch(/^application\/json/);
		expect(JSON.parse(body)).toEqual({
			error: {
				message: expect.stringContaining(`the limit is ${LIMIT} bytes`),
				error_type: "TooLargeError",
			},
		});
		expect(headers["x-error-message"]).toBe(JSON.parse(body).error.message);
		expect(headers["x-request-id"]).toMatch(/^req-/);
	};

	it("is 413 by its declared length, before it is sent", async () => {
		const socket = server.connect();
		const received = collect(socket);
		socket.write(head(PATH, TEXT, declared(LIMIT + 1)));
		await until("the answer is there", () => received.text.endsWith("}}"));
		socket.destroy();
		expectTooLarge(received.text);
		expect(received.text).toContain(`the input is ${LIMIT + 1} bytes`);
	});

	it("is 413 as soon as its chunks pass the limit, without an end", async () => {
		const socket = server.connect();
		const received = collect(socket);
		socket.write(head(PATH, TEXT, CHUNKED) + chunk("x".repeat(LIMIT + 1)));
		await until("the answer is there", () => received.text.endsWith("}}"));
		socket.destroy();
		expectTooLarge(received.text);
	});

	it.each([
		["declared", (bytes: number) => declared(bytes), ""],
		["chunked", () => CHUNKED, "0\r\n\r\n"],
	])(
		"and %s is answered without a reset while its client still writes",
		async (_, length, end) => {
			const part = "x".repeat(64 * 1024);
			const parts = 256;
			const errors: Error[] = [];
			const socket = server.connect();
			socket.on("error", (error) => errors.push(error));
			const received = collect(socket);
			socket.write(
				head(PATH, TEXT, length(part.length * parts)).replace(
					"close",
					"keep-alive",
				),
			);
			for (let i = 0; i < parts; i++) {
				const bytes = end === "" ? part : chunk(part);
				await new Promise<void>((sent, fail) =>
					socket.write(bytes, (error) => (error ? fail(error) : sent())),
				);
			}
			socket.write(end);
			await until("the answer is there", () => received.text.endsWith("}}"));
			expectTooLarge(received.text);
			received.text = "";
			socket.write(`${head(PATH, TEXT, declared(2))}hi`);
			await once(socket, "close");
			expect(JSON.parse(parseAnswer(received.text).body).result).toBe("hi");
			expect(errors).toEqual([]);
		},
	);

	it("of an unknown algorithm or type is still an error that the client can read", async () => {
		const text = "x".repeat(LIMIT + 1);
		const unknown = await server.post("/v1/algo/wire/Nobody", text, {
			"Content-Type": "image/png",
		});
		expect([404, 413, 415]).toContain(unknown.status);
		expect(unknown.body.error.message).toEqual(expect.any(String));
	});
});
