import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { jsonFrame, Kind } from "../../../src/protocol/frames.js";
import { Connection } from "../../../src/runners/connection.ts";
import { isRunning } from "../../support/process-table.ts";
import { until } from "../../support/until.ts";

/** Writes a frame, then others, and dies; with "unread" it leaves unread what it is sent. */
const WORKER = `
const [path, first, others, how] = process.argv.slice(1);
const socket = require("node:net").connect(path, () => {
	if (how === "unread") socket.pause();
	else socket.resume();
	socket.write(Buffer.from(first, "base64"));
	setTimeout(() => {
		socket.write(Buffer.from(others, "base64"), () => process.kill(process.pid, "SIGKILL"));
	}, 100);
});`;

test.each(["unread", "read"])(
	"what a worker wrote before it died is read, though it is sent more before that is noticed (%s)",
	async (how) => {
		const folder = await mkdtemp(join(tmpdir(), "applyd-test-"));
		const path = join(folder, "lane");
		const server = createServer().listen(path);
		await once(server, "listening");
		const frames = Array.from({ length: 20 }, (_, call) =>
			jsonFrame(Kind.RECALLED, { call }),
		);
		const written = [frames.slice(0, 1), frames.slice(1)].map((some) =>
			Buffer.concat(some).toString("base64"),
		);
		const words = ["-e", WORKER, path, ...written, how];
		const worker = spawn(process.execPath, words, { stdio: "inherit" });
		const [socket] = (await once(server, "connection")) as [Socket];
		const connection = new Connection(socket);
		const received: number[] = [];
		const closed = new Promise<void>((resolve) => {
			connection.onFrame = (_, payload) =>
				received.push(JSON.parse(payload.toString()).call);
			connection.onClose = resolve;
		});
		connection.send([jsonFrame(Kind.CANCEL, { call: 1 })]);
		await until("it has begun to write", () => received.length > 0);
		while (isRunning(worker.pid ?? 0)); // this thread is busy meanwhile, as a server's can be
		connection.send([jsonFrame(Kind.CANCEL, { call: 2 }), Buffer.alloc(5e5)]);
		await closed;
		expect(received).toEqual(Array.from(frames.keys()));
		server.close();
		await rm(folder, { recursive: true });
	},
);
