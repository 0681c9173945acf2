import { beforeAll, describe, expect, it } from "vitest";
import { until } from "../../support/until.ts";
import { shareServer } from "../support.ts";

const server = shareServer();

describe("GET /metrics", () => {
	let text = "";
	beforeAll(async () => {
		for (let i = 0; i < 3; i++) await server.call("Echo", "four");
		await server.call("Throws", { what: "typed" });
		await server.call("Wait", 0); // loaded, so that the next one has begun when its time is up
		await server.call("Wait?timeout=0.1", 60_000);
		await server.call("NoApply/1.0.0", 1);
		await server.call("Nobody", 1);
		const response = await until("the late call's worker is gone", async () => {
			const response = await server.get("/metrics");
			return response.text.includes('cause="timeout"') && response;
		});
		expect(response.status).toBe(200);
		expect(response.headers["content-type"]).toMatch(/^text\/plain; version=/);
		({ text } = response);
	});

	/** The value of a line such as `name{a="b"} 3`; the labels in any order. */
	const value = (name: string, labels: Record<string, string> = {}) => {
		const wanted = Object.entries(labels).map(([k, v]) => `${k}="${v}"`);
		const line = text
			.split("\n")
			.find(
				(line) =>
					/^[^{ ]+/.exec(line)?.[0] === name &&
					wanted.every((label) => line.includes(label)),
			);
		return line === undefined ? undefined : Number(line.split(" ").at(-1));
	};

	it("counts calls by algorithm and outcome", () => {
		const calls = (algorithm: string, outcome: string) =>
			value("applyd_calls_total", { algorithm, outcome });
		expect(calls("wire/Echo/1.0.0", "ok")).toBe(3);
		expect(calls("wire/Throws/1.0.0", "QuotaError")).toBe(1);
		expect(calls("wire/Wait/1.0.0", "TimeoutError")).toBe(1);
		expect(calls("wire/NoApply/1.0.0", "LoadingError")).toBe(1);
		expect(calls("wire/Echo/1.0.0", "TimeoutError")).toBeUndefined();
	});

	it("has a histogram of durations whose buckets only grow", () => {
		const algorithm = "wire/Echo/1.0.0";
		const name = "applyd_call_duration_seconds";
		expect(text).toContain(`# TYPE ${name} histogram`);
		expect(value(`${name}_count`, { algorithm })).toBe(3);
		expect(value(`${name}_sum`, { algorithm })).toBeGreaterThan(0);
		const buckets = text
			.split("\n")
			.filter(
				(line) => line.startsWith(`${name}_bucket`) && line.includes(algorithm),
			);
		const counts = buckets.map((line) => Number(line.split(" ").at(-1)));
		expect(counts).toEqual([...counts].sort((a, b) => a - b));
		expect(buckets.at(-1)).toContain('le="+Inf"');
		expect(counts.at(-1)).toBe(3);
	});

	it("counts bytes in and out", () => {
		const algorithm = "wire/Echo/1.0.0";
		const bytes = (direction: string) =>
			value("applyd_payload_bytes_total", { algorithm, direction });
		expect(bytes("in")).toBe(3 * '"four"'.length);
		expect(bytes("out")).toBeGreaterThan(3 * '"four"'.length);
	});

	it("counts what was killed, by cause", () => {
		const labels = { algorithm: "wire/Wait/1.0.0", cause: "timeout" };
		expect(value("applyd_kills_total", labels)).toBe(1);
	});

	it("counts what never became a call, by its code", () => {
		expect(value("applyd_refusals_total", { code: "NOT_FOUND" })).toBe(1);
	});

	it("says how things are now", () => {
		expect(value("applyd_open_calls")).toBe(0);
		const algorithm = "wire/Echo/1.0.0";
		expect(value("applyd_queue_length", { algorithm })).toBe(0);
		const workers = (state: string) =>
			value("applyd_workers", { algorithm, state });
		expect(workers("idle")).toBeGreaterThanOrEqual(1);
		expect(workers("busy")).toBe(0);
		expect(value("process_resident_memory_bytes")).toBeGreaterThan(2 ** 20);
	});

	it("explains every metric with HELP and TYPE, once", () => {
		const names = [...text.matchAll(/^# TYPE (\S+) /gm)].map(
			([, name]) => name,
		);
		expect(new Set(names).size).toBe(names.length);
		for (const name of names) expect(text).toContain(`# HELP ${name} `);
	});

	it("keeps counting from one reading to the next", async () => {
		await server.call("Echo", "four");
		({ text } = await server.get("/metrics"));
		const labels = { algorithm: "wire/Echo/1.0.0", outcome: "ok" };
		expect(value("applyd_calls_total", labels)).toBe(4);
	});
});
