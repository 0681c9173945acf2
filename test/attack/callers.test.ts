import { existsSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import type { Config } from "../../src/index.ts";
import { startApp, type TestServer } from "../support/app.ts";
import { until } from "../support/until.ts";
import { freshPath, ISOLATIONS, post } from "./support.ts";

let server: TestServer;
afterEach(() => server.close());

const start = async (config: Partial<Config> = {}) => {
	server = await startApp(config);
};

describe.each(ISOLATIONS)("callers, isolation $isolation", ({ version }) => {
	const path = `attack/Weapons/${version}`;

	test("a caller who hangs up while its call runs ends it, and the worker is free for the next", async () => {
		await start({ maxWorkers: 1 });
		const began = await freshPath("began");
		const hangUp = new AbortController();
		const left = post(server, path, { do: "loop", began }, hangUp.signal);
		await until("the call has begun", () => existsSync(began));
		hangUp.abort();
		await expect(left).rejects.toThrow();
		expect((await post(server, path, { do: "nothing" })).result).toBe("fine");
		const [call] = server.log.filter(
			({ outcome }) => outcome === "CLIENT_GONE",
		);
		expect(call).toBeDefined();
	});

	test("a caller who hangs up while its call waits never has it run", async () => {
		await start({ maxWorkers: 1 });
		const began = await freshPath("began");
		const never = await freshPath("never");
		const blocker = post(server, `${path}?timeout=1`, { do: "loop", began });
		await until("the worker is taken", () => existsSync(began));
		const hangUp = new AbortController();
		const left = post(
			server,
			path,
			{ do: "nothing", began: never },
			hangUp.signal,
		);
		await until("both calls are open", () => server.engine.openCalls === 2);
		hangUp.abort();
		await expect(left).rejects.toThrow();
		await until("the call is gone", () => server.engine.openCalls === 1);
		expect((await blocker).error?.error_type).toBe("TimeoutError");
		expect((await post(server, path, { do: "nothing" })).result).toBe("fine");
		expect(existsSync(never)).toBe(false);
	});
});

test("calls over the queue's bound get 429 with Retry-After at once, those within it their answers", async () => {
	await start({ maxWorkers: 1, maxQueue: 5, maxSessions: 1000 });
	const began = await freshPath("began");
	const blocker = post(server, "attack/Weapons/1.0.0?timeout=2", {
		do: "loop",
		began,
	});
	await until("the worker is taken", () => existsSync(began));
	const statuses = await Promise.all(
		Array.from({ length: 100 }, async () => {
			const response = await fetch(
				`${server.url}/v1/algo/attack/Weapons/1.0.0`,
				{
					method: "POST",
					headers: { "content-type": "application/json" },
					body: '{"do":"nothing"}',
				},
			);
			const body = (await response.json()) as { error?: { message: string } };
			if (response.status === 429) {
				expect(
					Number(response.headers.get("retry-after")),
				).toBeGreaterThanOrEqual(1);
				expect(body.error?.message).toMatch(/the limit is 5.*--max-queue/);
				expect(response.headers.get("x-error-message")).toBe(
					body.error?.message,
				);
			}
			return response.status;
		}),
	);
	expect(statuses.filter((status) => status === 200)).toHaveLength(5);
	expect(statuses.filter((status) => status === 429)).toHaveLength(95);
	expect((await blocker).error?.error_type).toBe("TimeoutError");
});

test("an account over its sessions gets 429, and may call again when one has ended", async () => {
	await start({ maxSessions: 2, maxWorkers: 4 });
	const calls = ["a", "b"].map(() =>
		post(server, "attack/Weapons/1.0.0?timeout=1", { do: "never" }),
	);
	await until("both are open", () => server.engine.openCalls === 2);
	const refused = await post(server, "attack/Weapons/1.0.0", { do: "nothing" });
	expect(refused.status).toBe(429);
	expect(refused.error?.message).toMatch(
		/2 calls open, the limit is 2.*--max-sessions/,
	);
	await Promise.all(calls);
	expect(
		(await post(server, "attack/Weapons/1.0.0", { do: "nothing" })).result,
	).toBe("fine");
});

test("two thousand malformed requests leave the server as it was", async () => {
	await start();
	const url = new URL(server.url);
	const garbage = [
		"\0\x01\x02\r\n\r\n",
		"GET\r\n\r\n",
		"POST /v1/algo/%zz/%00 HTTP/1.1\r\nHost: x\r\n\r\n",
		"POST /v1/algo/attack/Neighbour HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
		"POST /v1/algo/attack/Neighbour HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
		"POST /v1/algo/attack/Neighbour HTTP/1.1\r\nHost: x\r\nContent-Type: \x7f\r\nContent-Length: 2\r\n\r\n42",
		`GET /${"a".repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
		"POST /v1/algo/../../etc/passwd HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
	];
	const send = (text: string) =>
		new Promise<void>((resolve) => {
			const socket = connect(Number(url.port), url.hostname);
			socket.on("error", () => {});
			socket.on("close", () => resolve());
			socket.on("data", () => socket.end());
			socket.end(text, "latin1");
		});
	for (let i = 0; i < 2000; i += 50)
		await Promise.all(
			Array.from({ length: 50 }, (_, k) =>
				send(garbage[(i + k) % garbage.length] ?? ""),
			),
		);
	expect((await post(server, "attack/Neighbour", 41)).result).toBe(42);
	expect(server.engine.openCalls).toBe(0);
});

test("a 10 MB body sent byte by byte arrives whole and delays nobody", async () => {
	await start();
	const url = new URL(server.url);
	const size = 10 * 2 ** 20;
	const socket = connect(Number(url.port), url.hostname).setNoDelay(true);
	socket.write(
		`POST /v1/algo/attack/Length HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\nContent-Length: ${size}\r\n\r\n`,
	);
	const answer = new Promise<string>((resolve) => {
		let text = "";
		socket.setEncoding("utf8").on("data", (chunk) => {
			text += chunk;
			if (text.includes("}}")) resolve(text);
		});
	});
	// One write a byte for the first stretch; the rest as fast as the socket takes it.
	const byte = Buffer.from("x");
	for (let i = 0; i < 20_000; i++) {
		socket.write(byte);
		if (i % 100 === 0) await sleep(0);
	}
	expect((await post(server, "attack/Neighbour", 1)).result).toBe(2);
	socket.write(Buffer.alloc(size - 20_000, "x"));
	expect(await answer).toContain(`"result":${size}`);
	socket.destroy();
});
