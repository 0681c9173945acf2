import { describe, expect, it } from "vitest";
import { shareServer } from "../support.ts";

const server = shareServer({ maxTimeoutSeconds: 20 });

describe("timeout", () => {
	it.each(["0", "-1", "soon", "NaN", "1s", "%20", "-0.5"])(
		"=%s is 400 that names it and what is allowed",
		async (timeout) => {
			const { status, body } = await server.call(
				`Echo?timeout=${timeout}`,
				"hi",
			);
			expect(status).toBe(400);
			expect(body.error).toEqual({
				code: 6001,
				message: `timeout is '${decodeURIComponent(timeout)}'; it must be a number of seconds above 0, at most 20`,
			});
		},
	);

	it.each(["1", "0.5", "20", "", "1e1"])("=%s is taken", async (timeout) => {
		const { body } = await server.call(`Echo?timeout=${timeout}`, "hi");
		expect(body.result).toBe("hi");
		expect(body.metadata).not.toHaveProperty("alerts");
	});

	it("above the maximum is cut to it, with an alert", async () => {
		const { status, body } = await server.call("Echo?timeout=21", "hi");
		expect(status).toBe(200);
		expect(body.metadata.alerts).toEqual(["timeout clamped to 20"]);
	});

	it("above the maximum leaves its alert beside stdout and in errors too", async () => {
		const printed = await server.call("Print?timeout=21&stdout=true", {
			lines: ["ends in ]"],
		});
		expect(printed.body.metadata).toMatchObject({
			stdout: "ends in ]\n",
			alerts: ["timeout clamped to 20"],
		});
		const failed = await server.call("Throws?timeout=21", { what: "error" });
		expect(failed.body.metadata.alerts).toEqual(["timeout clamped to 20"]);
		const broken = await server.call("NoApply/1.0.0?timeout=21", 1);
		expect(broken.body.metadata.alerts).toEqual(["timeout clamped to 20"]);
	});

	it("bounds the call", async () => {
		const { body } = await server.call("Wait?timeout=0.1", 60_000);
		expect(body.error.error_type).toBe("TimeoutError");
	});
});

describe("a parameter given twice", () => {
	it("counts as its last value says", async () => {
		const good = await server.call("Echo?timeout=soon&timeout=5", "hi");
		expect(good.body.result).toBe("hi");
		const bad = await server.call("Echo?timeout=5&timeout=soon", "hi");
		expect(bad.status).toBe(400);
		const raw = await server.call("Echo?output=void&output=raw", "hi");
		expect(raw.text).toBe("hi");
		const silent = await server.call("Echo?stdout=true&stdout=false", "hi");
		expect(silent.body.metadata).not.toHaveProperty("stdout");
	});
});

describe("output", () => {
	it.each(["", "default"])("=%s gives the envelope", async (output) => {
		const { body } = await server.call(`Echo?output=${output}`, "hi");
		expect(body).toMatchObject({
			result: "hi",
			metadata: { content_type: "text" },
		});
	});

	it.each(["rawr", "RAW", "json", "true"])(
		"=%s is 400 that names it and what is allowed",
		async (output) => {
			const response = await server.call(`Echo?output=${output}`, "hi");
			expect(response.status).toBe(400);
			expect(response.body.error).toEqual({
				code: 6001,
				message: `output is '${output}'; it must be raw, void or default`,
			});
			expect(response.headers["x-error-message"]).toContain("output is");
		},
	);
});

describe("timing", () => {
	it("=1 gives running and total seconds, the running ones within the total", async () => {
		const { body } = await server.call("Wait?timing=1", 30);
		const { timing, duration } = body.metadata;
		expect(timing).toEqual({
			running: expect.any(Number),
			total: expect.any(Number),
		});
		expect(timing.running).toBeGreaterThanOrEqual(0.025);
		expect(timing.total).toBeGreaterThanOrEqual(timing.running);
		expect(timing.running).toBeCloseTo(duration, 5);
	});

	it("=1 is given with an error, with stdout and with an alert too", async () => {
		const failed = await server.call("Throws?timing=1", { what: "error" });
		expect(failed.body.metadata.timing.total).toBeGreaterThan(0);
		const all = await server.call("Print?timing=1&stdout=1&timeout=99", {});
		expect(all.body.metadata).toEqual({
			content_type: "text",
			duration: expect.any(Number),
			request_id: expect.any(String),
			stdout: "",
			alerts: ["timeout clamped to 20"],
			timing: { running: expect.any(Number), total: expect.any(Number) },
		});
	});

	it.each(["0", "true", ""])("=%s gives none", async (timing) => {
		const { body } = await server.call(`Echo?timing=${timing}`, 1);
		expect(body.metadata).not.toHaveProperty("timing");
	});
});

describe("any other parameter", () => {
	it("is ignored, whatever its name", async () => {
		const { status, body } = await server.call(
			"Echo?foo=bar&Timeout=soon&__proto__=x&constructor=y&a[b]=c&&=&%zz",
			"hi",
		);
		expect(status).toBe(200);
		expect(body.result).toBe("hi");
	});

	it("may be none after a bare question mark", async () => {
		expect((await server.call("Echo?", "hi")).body.result).toBe("hi");
	});
});
