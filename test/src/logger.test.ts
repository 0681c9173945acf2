import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { Events } from "../../src/events.ts";
import { createLogger, logEvents } from "../../src/logger.ts";

async function listen(level = "info") {
	const lines: string[] = [];
	const sink = new Writable({
		write(chunk, _, done) {
			lines.push(...String(chunk).split("\n").filter(Boolean));
			done();
		},
	});
	const events = new Events();
	logEvents(events, await createLogger(level, sink));
	return { events, parsed: () => lines.map((line) => JSON.parse(line)) };
}

const CALL = {
	algorithm: "demo/Hello/1.0.0",
	requestId: "req-1",
	account: "local",
	parentId: undefined,
	outcome: "ok",
	totalMs: 1.23456789,
	runMs: 0.00012345,
	bytesIn: 3,
	bytesOut: 9,
};

describe("the log", () => {
	it("has one JSON line a call, with its times to the microsecond", async () => {
		const { events, parsed } = await listen();
		events.emit("call", CALL);
		expect(parsed()).toEqual([
			{
				...CALL,
				level: "info",
				time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
				msg: "call",
				totalMs: 1.235,
				runMs: 0,
			},
		]);
	});

	it("stays on one line, whatever an author says", async () => {
		const { events, parsed } = await listen();
		events.emit("stray", {
			algorithm: "demo/Hello/1.0.0",
			requestId: null,
			message: 'first\nsecond\r\n{"level":"fatal"}\u2028',
		});
		expect(parsed()).toHaveLength(1);
		expect(parsed()[0]).toMatchObject({
			level: "warn",
			msg: "uncaught in an algorithm",
			message: 'first\nsecond\r\n{"level":"fatal"}\u2028',
		});
	});

	it("tells of kills as warnings and of broken algorithms as errors", async () => {
		const { events, parsed } = await listen();
		const algorithm = "demo/Hello/1.0.0";
		events.emit("kill", { algorithm, cause: "memory", what: "thread" });
		events.emit("algorithm", { algorithm, change: "broken", error: "why" });
		events.emit("algorithm", { algorithm, change: "added" });
		expect(parsed()).toMatchObject([
			{ level: "warn", msg: "worker killed", cause: "memory" },
			{ level: "error", msg: "algorithm broken", error: "why" },
			{ level: "info", msg: "algorithm added", algorithm },
		]);
	});

	it("has one line a message, with its id, and warns of a listener that does not go on", async () => {
		const { events, parsed } = await listen();
		const message = {
			listener: "moods",
			messageId: "m-1",
			requestId: "req-1",
			attempts: 0,
			outcome: "succeeded",
		} as const;
		events.emit("message", {
			...message,
			error: undefined,
			totalMs: 1.23456789,
		});
		const listener = "moods";
		events.emit("listener", { listener, change: "failing", reason: "why" });
		events.emit("listener", { listener, change: "running" });
		expect(parsed()).toMatchObject([
			{ level: "info", msg: "message", ...message, totalMs: 1.235 },
			{ level: "warn", msg: "listener", change: "failing", reason: "why" },
			{ level: "info", msg: "listener", listener, change: "running" },
		]);
	});

	it("has no call lines above the level of info, and workers' doings below it only", async () => {
		const warn = await listen("warn");
		warn.events.emit("call", CALL);
		expect(warn.parsed()).toEqual([]);
		const worker = { algorithm: "a/B/1.0.0", change: "ready" } as const;
		const info = await listen("info");
		info.events.emit("worker", worker);
		expect(info.parsed()).toEqual([]);
		const debug = await listen("debug");
		debug.events.emit("worker", worker);
		expect(debug.parsed()).toMatchObject([{ level: "debug", ...worker }]);
	});
});
