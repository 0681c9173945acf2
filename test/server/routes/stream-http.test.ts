import { once } from "node:events";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { startApp } from "../../support/app.ts";
import { until } from "../../support/until.ts";
import { keyFor } from "../keys.ts";
import { openStream, signal } from "../streams.ts";
import { collect, head, shareServer } from "../support.ts";

const LINES_TYPE = { "Content-Type": "application/x-ndjson" };
const ITEMS = "/v1/algo/stream/Items";
const server = shareServer({ maxWorkers: 2 });
const open = (query = "", headers = {}) =>
	openStream(`${server.url}${ITEMS}${query}`, headers);

describe("before its first line a stream is refused", () => {
	const locked = shareServer({ auth: "keys" });
	let key: string;
	beforeAll(async () => {
		({ Authorization: key } = await keyFor(locked.store, "ada"));
	});

	it.each([
		["order=last", "order is 'last'; it must be input or done"],
		["batch=all", "batch is 'all'; it must be native, serial or parallel"],
		["onError=stop", "onError is 'stop'; it must be continue or fail"],
		["timeout=0", /^timeout is '0'; it must be a number of seconds/],
		["itemTimeout=x", /^itemTimeout is 'x'; it must be a number of seconds/],
		["output=xml", /^output is 'xml'; it must be/],
		["output=void", /^output is 'void', and a stream is answered line by line/],
	])("for ?%s: 400", async (query, message) => {
		const { status, body } = await server.post(
			`${ITEMS}?${query}`,
			"1\n",
			LINES_TYPE,
		);
		expect(status).toBe(400);
		expect(body.error.message).toMatch(message);
	});

	it("for an unknown name: 404, while its client still sends", async () => {
		const stream = openStream(`${server.url}/v1/algo/stream/NoSuch`);
		stream.send(1);
		const { statusCode, headers } = await stream.answer;
		expect(statusCode).toBe(404);
		expect(headers["content-type"]).toMatch(/^application\/json/);
		stream.send(2);
		await stream.end();
	});

	it("without a key, or with one that nobody has: 401", async () => {
		for (const [headers, message] of [
			[{}, "authorization required"],
			[{ Authorization: "simnobody" }, "Unknown or invalid API key."],
		] as const) {
			const { status, body } = await locked.post(ITEMS, "1\n", {
				...LINES_TYPE,
				...headers,
			});
			expect([status, body.error.message]).toEqual([401, message]);
		}
	});

	it("and with a key it is answered", async () => {
		const { text } = await locked.post(ITEMS, "1\n", {
			...LINES_TYPE,
			Authorization: key,
		});
		expect(text).toBe('{"index":0,"result":1}\n');
	});

	it("in another encoding than gzip: 400", async () => {
		const { status, body } = await server.post(ITEMS, "1\n", {
			...LINES_TYPE,
			"Content-Encoding": "br",
		});
		expect(status).toBe(400);
		expect(body.error.message).toMatch(/^unsupported Content-Encoding 'br'/);
	});

	it("by a version that cannot be: LoadingError in the usual envelope", async () => {
		const { status, body } = await server.post(
			"/v1/algo/wire/BadManifest",
			"1\n",
			LINES_TYPE,
		);
		expect(status).toBe(200);
		expect(body.error.error_type).toBe("LoadingError");
		expect(body.metadata.request_id).toMatch(/^req-/);
	});

	it("by a server that drains: 503", async () => {
		const draining = await startApp();
		onTestFinished(() => draining.close());
		await draining.engine.drain(0);
		const stream = openStream(`${draining.url}${ITEMS}`);
		const { statusCode, headers } = await stream.answer;
		expect([statusCode, headers.connection]).toEqual([503, "close"]);
		stream.sending.destroy();
	});
});

describe("a stream", () => {
	it.each(["application/x-ndjson; charset=utf-8", "Application/X-NDJSON"])(
		"is one by its type, as %s",
		async (type) => {
			const { text } = await server.post(ITEMS, "1\n", {
				"Content-Type": type,
			});
			expect(text).toBe('{"index":0,"result":1}\n');
		},
	);

	it("may have nothing in it, chunked or with a length of 0", async () => {
		for (const body of [
			"Content-Length: 0\r\n\r\n",
			"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		]) {
			const answer = await server.exchange(
				head(ITEMS, "Content-Type: application/x-ndjson").slice(0, -2) + body,
			);
			expect([answer.status, answer.headers["content-type"]]).toEqual([
				200,
				"application/x-ndjson",
			]);
			expect(answer.body).toBe("0\r\n\r\n");
		}
	});

	it("has its head at once, and the request's id", async () => {
		const stream = open("", { "X-Request-Id": "mine" });
		const { statusCode, headers } = await stream.answer;
		expect(statusCode).toBe(200);
		expect(headers).toMatchObject({
			"content-type": "application/x-ndjson",
			"x-request-id": "mine",
			vary: "Accept-Encoding",
		});
		expect(await stream.end()).toEqual([]);
	});

	it("may come from a page of any origin under /v1/web", async () => {
		const { headers, text } = await server.post(
			`/v1/web/algo/stream/Items`,
			"1\n",
			LINES_TYPE,
		);
		expect(headers["access-control-allow-origin"]).toBe("*");
		expect(text).toBe('{"index":0,"result":1}\n');
	});

	it("that does not load answers each line with that", async () => {
		const stream = openStream(`${server.url}/v1/algo/wire/ThrowsAtImport`);
		stream.send(1, 2);
		const lines = await stream.rest();
		expect(lines.map(({ error }) => error?.error_type)).toEqual([
			"LoadingError",
			"LoadingError",
		]);
	});

	it("whose lines all end their worker is given up: the others have that error, and are not run", async () => {
		// On a server of its own: the next worker comes later and later.
		const other = await startApp();
		onTestFinished(() => other.close());
		const stream = openStream(`${other.url}${ITEMS}`);
		stream.send(...Array.from({ length: 300 }, () => ({ do: "exit" })));
		const lines = await stream.rest();
		expect(lines).toHaveLength(300);
		expect(lines[0]?.error?.message).toBe("exited with code 3");
		expect(lines.at(-1)?.error?.message).toMatch(/^not run: 10 items in a row/);
	});

	it("leaves its connection usable when it ends before its input", async () => {
		const socket = server.connect();
		const received = collect(socket);
		const write = (head: string, ...lines: string[]) =>
			socket.write(head + lines.map(chunkOf).join(""));
		const answered = (text: string) =>
			until(`there is ${text}`, () => received.text.includes(text));
		write(keptHead("?onError=fail"), '{"do":"throw"}\n');
		await answered("\r\n0\r\n\r\n");
		write("", `${"x".repeat(1000)}\n`, "more\n", "");
		write(keptHead(), '"again"\n', "");
		await answered('{"index":0,"result":"again"}');
		socket.destroy();
	});

	it("whose connection breaks off in the middle of its body gets no second answer there", async () => {
		const socket = server.connect();
		const received = collect(socket);
		socket.write(keptHead() + chunkOf("1\n"));
		await until("the line is answered", () =>
			received.text.includes('"result":1'),
		);
		socket.end();
		await once(socket, "close");
		expect(received.text.match(/HTTP\/1\.1/g)).toHaveLength(1);
	});

	it("counts as a call of its account until it ends", async () => {
		const small = await startApp({ maxSessions: 1 });
		onTestFinished(() => small.close());
		const first = openStream(`${small.url}${ITEMS}`);
		await first.answer;
		const refused = openStream(`${small.url}${ITEMS}`);
		expect((await refused.answer).statusCode).toBe(429);
		refused.sending.destroy();
		await first.end();
		await until("the first is over", () => small.engine.openCalls === 0);
		expect(await openStream(`${small.url}${ITEMS}`).end("1\n")).toHaveLength(1);
	});

	it("holds back outcomes that are early only so far, and goes on when the first is there", async () => {
		const stream = open();
		const [first, others] = [signal(), signal()];
		stream.send({ do: "hold", path: first.path });
		await first.began();
		const count = 400;
		const line = { do: "text", path: others.path, length: 2 ** 18 };
		stream.send(...Array.from({ length: count }, () => line));
		stream.sending.end();
		await until("some have run", () => others.count > 20);
		let before = -1;
		while (before !== others.count) {
			before = others.count;
			const other = open();
			await other.end("1\n2\n3\n");
		}
		expect(before).toBeLessThan(count / 2);
		expect(stream.text).toBe("");
		first.go();
		const lines = await stream.rest();
		expect(lines.map(({ index }) => index)).toEqual(
			Array.from({ length: count + 1 }, (_, i) => i),
		);
		expect(others.count).toBe(count);
	});

	it("runs each line once, also those taken back from behind a batch that takes long", async () => {
		const url = `${server.url}/v1/algo/stream/Batch?order=done`;
		const stream = openStream(url);
		const [held, others] = [signal(), signal()];
		const other = { path: others.path };
		stream.send(
			{ path: held.path, isHeld: true },
			...Array.from({ length: 63 }, () => other),
		);
		stream.sending.end();
		await stream.has(60); // all but those of its batch
		expect(await openStream(url).end(JSON.stringify(other))).toHaveLength(1);
		held.go();
		expect(await stream.rest()).toHaveLength(64);
		expect([held.count, others.count]).toEqual([1, 64]);
	});

	it("from inside an algorithm needs no worker beside its caller's", async () => {
		const small = await startApp({ maxWorkersTotal: 1 });
		onTestFinished(() => small.close());
		const response = await fetch(`${small.url}/v1/algo/stream/Asks`, {
			method: "POST",
			headers: { "Content-Type": "application/json" },
			body: "[1,2]",
		});
		expect(await response.json()).toMatchObject({
			result: '{"index":0,"result":1}\n{"index":1,"result":2}\n',
		});
	});

	it("has a line in the log", async () => {
		await open("", { "X-Request-Id": "logged" }).end("1\n2\n");
		const call = await until("it is logged", () =>
			server.log.find(({ requestId }) => requestId === "logged"),
		);
		expect(call).toMatchObject({
			msg: "call",
			algorithm: "stream/Items/1.0.0",
			outcome: "ok",
		});
	});
});

describe("gzip", () => {
	it("may pack the lines", async () => {
		const packed = gzipSync(
			Array.from({ length: 10_000 }, (_, i) => `${i}\n`).join(""),
		);
		const lines = await open("", { "Content-Encoding": "gzip" }).end(packed);
		expect(lines).toHaveLength(10_000);
		expect(lines.at(-1)).toEqual({ index: 9999, result: 9999 });
	});

	it.each([
		["cut off", (packed: Buffer) => packed.subarray(0, -9), /end too early/],
		[
			"damaged",
			(packed: Buffer) =>
				Buffer.concat([packed.subarray(0, -9), Buffer.alloc(9, 0x55)]),
			/not gzip, or damaged/,
		],
		["no gzip at all", () => Buffer.from("1\n2\n"), /not gzip, or damaged/],
	])(
		"that is %s: what came before is answered, and the next line says so",
		async (_, spoil, message) => {
			const packed = gzipSync("1\n2\n3\n");
			const lines = await open("", { "Content-Encoding": "gzip" }).end(
				spoil(packed),
			);
			const last = lines.pop();
			expect(lines).toEqual(
				lines.map((_, index) => ({ index, result: index + 1 })),
			);
			expect(last).toMatchObject({
				index: lines.length,
				error: { error_type: "ParsingError" },
			});
			expect(last?.error?.message).toMatch(message);
		},
	);

	it("packs the answer for a client that takes it, and each outcome can be read at once", async () => {
		const stream = open("", { "Accept-Encoding": "br;q=0.5, gzip" });
		const { headers } = await stream.answer;
		expect(headers["content-encoding"]).toBe("gzip");
		for (let index = 0; index < 3; index++) {
			stream.send(index);
			expect((await stream.has(index + 1)).at(-1)).toEqual({
				index,
				result: index,
			});
		}
		expect(await stream.end()).toHaveLength(3);
	});

	it("does not for one that refuses it", async () => {
		for (const accepted of ["identity", "gzip;q=0", "br"]) {
			const { headers, text } = await server.post(ITEMS, "1\n", {
				...LINES_TYPE,
				"Accept-Encoding": accepted,
			});
			expect(headers["content-encoding"]).toBeUndefined();
			expect(text).toBe('{"index":0,"result":1}\n');
		}
	});
});

/** Of a stream on a connection that is kept. */
const keptHead = (query = "") =>
	head(
		ITEMS + query,
		"Content-Type: application/x-ndjson",
		"Transfer-Encoding: chunked",
	).replace("Connection: close\r\n", "");

const chunkOf = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
