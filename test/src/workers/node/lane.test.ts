import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Lane } from "../../../../src/workers/node/lane.js";

it("waits until the last bytes have left, however few they are", async () => {
	const folder = await mkdtemp(join(tmpdir(), "applyd-test-"));
	const server = createServer({ pauseOnConnect: true });
	try {
		server.listen(join(folder, "lane"));
		await once(server, "listening");
		const connected = once(server, "connection") as Promise<[Socket]>;
		const lane = await Lane.open(join(folder, "lane"));
		const [socket] = await connected;
		const small = Buffer.alloc(1024);
		let sent = 0;
		let pending: Promise<void> | undefined;
		while (!pending) {
			lane.send(small);
			sent += small.length;
			pending = lane.drained(); // the kernel has no room left
		}
		let received = 0;
		socket.on("data", (chunk: Buffer) => {
			received += chunk.length;
		});
		socket.resume();
		await pending;
		await expect.poll(() => received).toBe(sent);
		socket.destroy();
	} finally {
		server.close();
		await rm(folder, { recursive: true });
	}
});
