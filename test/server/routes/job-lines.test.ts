import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { gunzipSync } from "node:zlib";
import fastify from "fastify";
import { afterEach, expect, test } from "vitest";
import { sendLines, takesGzip } from "../../../server/routes/job-lines.ts";
import { ask } from "../../support/ask.ts";
import { until } from "../../support/until.ts";

const app = () => fastify({ forceCloseConnections: true });
let server = app();
afterEach(() => server.close());

async function serve(lines: Readable): Promise<string> {
	server = app();
	server.get("/", (_, reply) => sendLines(lines, reply));
	await server.listen({ host: "127.0.0.1", port: 0 });
	return `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
}

const LINE = '{"index":0,"result":"great"}\n';
const get = (url: string, headers = {}) => ask(url, "GET", "/", "", headers);

test("lines are sent as they are to whoever does not ask for gzip", async () => {
	const reply = await get(await serve(Readable.from([LINE, LINE])));
	expect(reply.text).toBe(LINE + LINE);
	expect(reply.headers).toMatchObject({
		"content-type": "application/x-ndjson",
		vary: "accept-encoding",
	});
	expect(reply.headers["content-encoding"]).toBeUndefined();
});

test("lines are packed for whoever does", async () => {
	const url = await serve(Readable.from([LINE, LINE]));
	const reply = await get(url, { "accept-encoding": "br, gzip" });
	expect(reply.headers["content-encoding"]).toBe("gzip");
	expect(gunzipSync(reply.bytes).toString()).toBe(LINE + LINE);
});

test.each(["identity", "gzip"])(
	"with %s, an error on the way cuts the connection",
	async (encoding) => {
		// Random, so that packed it is longer than what is held back.
		const bytes = crypto.getRandomValues(Buffer.alloc(60_000));
		async function* lines() {
			for (let n = 0; n < 20; n++) yield bytes;
			throw new Error("the disk is gone");
		}
		const url = await serve(Readable.from(lines()));
		const response = await fetch(url, {
			headers: { "accept-encoding": encoding },
		});
		expect(response.status).toBe(200);
		await expect(response.text()).rejects.toThrow("terminated");
	},
);

test.each(["identity", "gzip"])(
	"with %s, an error before the first line is a plain answer",
	async (encoding) => {
		const url = await serve(
			new Readable({
				read() {
					this.destroy(new Error("the disk is gone"));
				},
			}),
		);
		const reply = await get(url, { "accept-encoding": encoding });
		expect(reply.status).toBe(500);
		expect(reply.headers["content-encoding"]).toBeUndefined();
		expect(reply.text).toContain("the disk is gone");
	},
);

test.each(["identity", "gzip"])(
	"with %s, a client that hangs up ends the stream",
	async (encoding) => {
		const lines = new Readable({
			read() {
				this.push(crypto.getRandomValues(Buffer.alloc(60_000)));
			},
		});
		const url = await serve(lines);
		const leaving = new AbortController();
		await fetch(url, {
			headers: { "accept-encoding": encoding },
			signal: leaving.signal,
		});
		leaving.abort();
		await until("it is destroyed", () => lines.destroyed);
	},
);

test.each([
	[undefined, false],
	["", false],
	["gzip", true],
	["deflate, GZIP;q=0.5", true],
	["gzip;q=0", false],
	["gzip; q=0.0, *", false],
	["br, *;q=0.1", true],
	["*;q=0", false],
	["identity", false],
])("Accept-Encoding %j takes gzip: %j", (accepted, expected) => {
	expect(takesGzip(accepted)).toBe(expected);
});
