import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RestartDelay } from "../../../src/runners/restart-delay.ts";

/** The clock stands still unless a test moves it. */
describe("a restart", () => {
	beforeEach(() => {
		vi.useFakeTimers({ toFake: ["performance"] });
	});
	afterEach(() => {
		vi.useRealTimers();
	});

	const failTimes = (delay: RestartDelay, times: number) => {
		for (let i = 0; i < times; i++) delay.failed();
		return delay.remainingMs;
	};

	it("waits for nothing before a failure and for the free tries", () => {
		expect(new RestartDelay(0).remainingMs).toBe(0);
		expect(failTimes(new RestartDelay(4), 4)).toBe(0);
	});

	it("waits twice as long each time after that, and half a minute at most", () => {
		const delay = new RestartDelay(1);
		const waits = Array.from({ length: 10 }, () => failTimes(delay, 1));
		expect(waits).toEqual([
			0, 250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000,
		]);
	});

	it("is free again as time passes, and still remembers the failures", () => {
		const delay = new RestartDelay(0);
		failTimes(delay, 3);
		vi.advanceTimersByTime(400);
		expect(delay.remainingMs).toBe(600);
		vi.advanceTimersByTime(601);
		expect(delay.remainingMs).toBe(0);
		expect(failTimes(delay, 1)).toBe(2000);
	});

	it("is free at once after a success, and the count begins anew", () => {
		const delay = new RestartDelay(1);
		failTimes(delay, 5);
		delay.succeeded();
		expect(delay.remainingMs).toBe(0);
		expect(failTimes(delay, 1)).toBe(0);
		expect(failTimes(delay, 1)).toBe(250);
	});

	it("never waits for ever, however often it failed", () => {
		expect(failTimes(new RestartDelay(0), 5000)).toBe(30_000);
	});
});
