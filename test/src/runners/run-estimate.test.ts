import { describe, expect, it } from "vitest";
import { RunEstimate } from "../../../src/runners/run-estimate.ts";

const estimateOf = (...runsMs: number[]) => {
	const estimate = new RunEstimate();
	for (const runMs of runsMs) estimate.add(runMs);
	return estimate;
};

describe("an estimate of run time", () => {
	it("lets calls travel alone while nothing is known", () => {
		expect(estimateOf().ms).toBeUndefined();
		expect(estimateOf().groupSize).toBe(1);
	});

	it("takes the first run as it is", () => {
		expect(estimateOf(12).ms).toBe(12);
	});

	it("groups short calls so that a group stays under 2 ms, and 32 at most", () => {
		expect(estimateOf(0).groupSize).toBe(32);
		expect(estimateOf(0.01).groupSize).toBe(32);
		expect(estimateOf(0.1).groupSize).toBe(20);
		expect(estimateOf(0.5).groupSize).toBe(4);
		expect(estimateOf(1).groupSize).toBe(2);
	});

	it("never groups slow calls, however slow", () => {
		for (const ms of [1.01, 2, 100, 3_000_000])
			expect(estimateOf(ms).groupSize).toBe(1);
	});

	it("rises at once: one slow run after many short ones ends the groups", () => {
		const estimate = estimateOf(...Array(100).fill(0.01));
		expect(estimate.groupSize).toBe(32);
		estimate.add(50);
		expect(estimate.groupSize).toBe(1);
	});

	it("falls slowly: a few short runs after a slow one do not bring the groups back", () => {
		const estimate = estimateOf(50, 0.01, 0.01, 0.01);
		expect(estimate.groupSize).toBe(1);
		for (let i = 0; i < 200; i++) estimate.add(0.01);
		expect(estimate.groupSize).toBe(32);
	});
});
