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

/** Writes frames, leaves what it is sent unread, and dies. */
const WORKER = `
const socket = require("node:net").connect(process.argv[1], () => {
	socket.pause();
	socket.write(Buffer.from(process.argv[2], "base64"), () => {
		setTimeout(() => process.kill(process.pid, "SIGKILL"), 100);
	});
});`;

test("what a worker wrote before it died is read, though it is sent more before that is noticed", async () => {
	const folder = await mkdtemp(join(tmpdir(), "applyd-test-"));
	const path = join(folder, "lane");
	const server = createServer().listen(path);
	await once(server, "listening");
	const frames = Array.from({ length: 20 }, (_, call) =>
		jsonFrame(Kind.RECALLED, { call }),
	);
	const written = Buffer.concat(frames).toString("base64");
	const worker = spawn(process.execPath, ["-e", WORKER, path, written], {
		stdio: "inherit",
	});
	const [socket] = (await once(server, "connection")) as [Socket];
	const connection = new Connection(socket);
	const received: number[] = [];
	const closed = new Promise<void>((resolve) => {
		connection.onFrame = (_, payload) =>
			received.push(JSON.parse(payload.toString()).call);
		connection.onClose = resolve;
	});
	connection.send([jsonFrame(Kind.CANCEL, { call: 1 })]);
	while (isRunning(worker.pid ?? 0)); // this thread is busy meanwhile, as a server's can be
	connection.send([jsonFrame(Kind.CANCEL, { call: 2 })]);
	await closed;
	expect(received).toEqual(Array.from(frames.keys()));
	server.close();
	await rm(folder, { recursive: true });
});
