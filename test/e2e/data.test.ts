import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ask } from "../support/ask.ts";
import { type ServerProcess, startProcess } from "../support/process.ts";
import { until } from "../support/until.ts";

let state: string;
let server: ServerProcess;
const start = async () => {
	server = await startProcess(["--state", state]);
	return server;
};
beforeEach(async () => {
	state = await mkdtemp(join(tmpdir(), "applyd-test-"));
	await start();
	await ask(server.url, "POST", "/v1/data/.my", "box");
});
afterEach(async () => {
	await server.close();
	await rm(state, { recursive: true });
});

const PATH = "/v1/data/.my/box/file";
const put = (content: string | Buffer | Readable) =>
	ask(server.url, "PUT", PATH, content);
const get = () => ask(server.url, "GET", PATH);

/** Bytes that have come of a file that is not yet whole. */
async function unfinishedBytes(): Promise<number> {
	const folder = join(state, "data/.unfinished");
	let bytes = 0;
	for (const name of await readdir(folder))
		bytes += (await stat(join(folder, name)).catch(() => undefined))?.size ?? 0;
	return bytes;
}

async function killAndRestart(): Promise<void> {
	server.child.kill("SIGKILL");
	await server.ended;
	await start();
}

describe("a server killed with SIGKILL", () => {
	test("in the middle of a file has the old one afterwards, and no litter", async () => {
		await put("old");
		const upload = new PassThrough();
		const cut = put(upload).catch((error: Error) => error);
		upload.write(Buffer.alloc(2_000_000));
		await until(
			"some of it is on disk",
			async () => (await unfinishedBytes()) > 1_000_000,
		);
		await killAndRestart();
		expect(await cut).toBeInstanceOf(Error);
		expect((await get()).text).toBe("old");
		expect(await readdir(join(state, "data/.unfinished"))).toEqual([]);
		const listing = await ask(server.url, "GET", "/v1/data/.my/box");
		expect(JSON.parse(listing.text).files).toHaveLength(1);
	});

	test("at any moment has a whole file afterwards, and every one that it said it had", async () => {
		for (let round = 0; round < 3; round++) {
			let answered = -1;
			let isUp = true;
			const contents = Array.from({ length: 500 }, (_, n) =>
				`${round}.${n};`.repeat(10_000),
			);
			const writing = (async () => {
				for (const [n, content] of contents.entries()) {
					const reply = await put(content).catch(() => undefined);
					if (!isUp || reply?.status !== 200) return;
					answered = n;
				}
			})();
			await until("some have been stored", () => answered >= 5 + 7 * round);
			isUp = false;
			await killAndRestart();
			await writing;
			const reply = await get();
			const found = contents.indexOf(reply.text);
			expect(found).toBeGreaterThanOrEqual(answered);
			expect(reply.headers.etag).toBe(
				`"${createHash("md5").update(reply.bytes).digest("hex")}"`,
			);
		}
	});
});

test("a file too large for the disk is refused with 507, and the old one stays", async () => {
	await put("old");
	await server.close();
	const child = spawn(
		"bash",
		["--norc", "-c", `ulimit -f 2000; exec "$0" "$@"`, ...serveCommand()],
		{ stdio: ["ignore", "pipe", "inherit"] },
	);
	const lines: string[] = [];
	child.stdout.on("data", (chunk) => lines.push(String(chunk)));
	const listening = await until("it listens", () =>
		/"url":"([^"]+)".*"msg":"listening"/.exec(lines.join("")),
	);
	const url = listening[1] as string;
	const sizes = { fits: 1_000_000, doesNot: 5_000_000 };
	const refused = await ask(url, "PUT", PATH, Buffer.alloc(sizes.doesNot));
	expect(refused.status).toBe(507);
	expect(JSON.parse(refused.text).error.message).toContain(
		"the data store is full",
	);
	expect((await ask(url, "GET", PATH)).text).toBe("old");
	expect(await readdir(join(state, "data/.unfinished"))).toEqual([]);
	const fits = await ask(url, "PUT", PATH, Buffer.alloc(sizes.fits));
	expect(fits.status).toBe(200);
	child.kill("SIGKILL");
	await start();
});

const serveCommand = () => {
	const args = server.child.spawnargs.slice(1);
	return [process.execPath, ...args];
};

test("a large file goes up and down with flat memory", async () => {
	const totalBytes = Number(process.env.LARGE_FILE_BYTES ?? 300_000_000);
	const chunk = randomBytes(1_000_000);
	const memory = watchMemory(server.child.pid as number);
	const hash = createHash("md5");
	const source = Readable.from(
		(function* () {
			for (let sent = 0; sent < totalBytes; sent += chunk.length) {
				hash.update(chunk);
				yield chunk;
			}
		})(),
	);
	await put("warm");
	const before = await memory.read();
	expect((await put(source)).status).toBe(200);
	const sum = hash.digest("hex");
	const { hostname, port } = new URL(server.url);
	const received = createHash("md5");
	let receivedBytes = 0;
	await new Promise<void>((resolve, reject) => {
		request({ hostname, port, path: PATH }, (response) => {
			expect(response.headers.etag).toBe(`"${sum}"`);
			pipeline(response, async (body) => {
				for await (const part of body) {
					received.update(part);
					receivedBytes += part.length;
				}
			}).then(resolve, reject);
		}).end();
	});
	expect(receivedBytes).toBe(totalBytes);
	expect(received.digest("hex")).toBe(sum);
	const peak = memory.stop();
	if (process.env.LARGE_FILE_BYTES)
		console.log({ totalBytes, beforeMb: before / 1e6, peakMb: peak / 1e6 });
	expect(peak - before).toBeLessThan(150_000_000);
}, 300_000);

/** The largest resident size that was seen of a process. */
function watchMemory(pid: number) {
	let peak = 0;
	const read = async () => {
		const ps = spawn("ps", ["-o", "rss=", "-p", String(pid)]);
		const bytes = 1024 * Number(await text(ps.stdout));
		peak = Math.max(peak, bytes);
		return bytes;
	};
	const timer = setInterval(read, 200);
	return {
		read,
		stop() {
			clearInterval(timer);
			return peak;
		},
	};
}
