import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { until } from "../support/until.ts";
import { collect, head, parseAnswer, shareServer } from "./support.ts";

const server = shareServer();

describe("what is no HTTP", () => {
	it.each([
		["garbage", "\x16\x03\x01 not http at all\r\n\r\n"],
		["an unknown method", "FROB / HTTP/1.1\r\nHost: a\r\n\r\n"],
		["a bad header", "POST / HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n"],
		[
			"two lengths",
			"POST /v1/algo/wire/Echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
		],
		[
			"a length beside chunks",
			"POST /v1/algo/wire/Echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		],
		[
			"a bad chunk",
			"POST /v1/algo/wire/Echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
		],
	])("is 400 as JSON, and the connection ends: %s", async (_, bytes) => {
		const { status, headers, body } = await server.exchange(bytes);
		expect(status).toBe(400);
		expect(headers["content-type"]).toMatch(/^application\/json/);
		expect(headers.connection).toBe("close");
		expect(JSON.parse(body)).toEqual({
			error: {
				code: 6001,
				message: expect.stringMatching(/^malformed request/),
			},
		});
		expect(headers["x-error-message"]).toBe(JSON.parse(body).error.message);
		expect(headers["x-request-id"]).toMatch(/^req-/);
	});

	it("does not disturb others", async () => {
		const socket = server.connect();
		const received = collect(socket);
		socket.write(`nonsense\r\n\r\n${head("/v1/algo/wire/Echo")}`);
		await once(socket, "close");
		expect(parseAnswer(received.text).status).toBe(400);
		const { body } = await server.call("Echo", "fine");
		expect(body.result).toBe("fine");
	});
});

describe("a small answer", () => {
	it.each([
		["a result", "/v1/algo/wire/Echo", "hi"],
		["a failure", "/v1/algo/wire/NoApply", "hi"],
		["a raw result", "/v1/algo/wire/Echo?output=raw", "hi"],
		["16 KiB", "/v1/algo/wire/Echo", "x".repeat(16_000)],
	])("leaves in one write, headers and body: %s", async (_, path, text) => {
		const socket = server.connect().setNoDelay();
		const received = collect(socket);
		const headers = [
			"Content-Type: text/plain",
			`Content-Length: ${text.length}`,
		];
		socket.write(head(path, ...headers) + text);
		await once(socket, "close");
		const [first = ""] = received.chunks;
		const { headers: answered, body } = parseAnswer(first);
		expect(String(body.length)).toBe(answered["content-length"]);
	});

	it("keeps its connection for the next call", async () => {
		const socket = server.connect();
		const received = collect(socket);
		const call = (text: string) =>
			head(
				"/v1/algo/wire/Echo",
				"Content-Type: text/plain",
				`Content-Length: ${text.length}`,
			) + text;
		socket.write(call("one").replace("close", "keep-alive") + call("two"));
		await once(socket, "close");
		const results = [...received.text.matchAll(/"result":"(\w+)"/g)];
		expect(results.map(([, result]) => result)).toEqual(["one", "two"]);
	});
});

describe("an offer to speak another protocol", () => {
	it("is passed over, and the call answered as it stands", async () => {
		const socket = server.connect();
		const received = collect(socket);
		const offer = [
			"Connection: Upgrade, HTTP2-Settings",
			"Upgrade: h2c",
			"HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA",
			"Content-Type: text/plain",
			"Content-Length: 2",
		];
		const call = head("/v1/algo/wire/Echo", ...offer);
		socket.write(`${call.replace("Connection: close\r\n", "")}hi`);
		await until("the answer is there", () => received.text.endsWith("}}"));
		socket.destroy();
		expect(JSON.parse(parseAnswer(received.text).body).result).toBe("hi");
	});
});
