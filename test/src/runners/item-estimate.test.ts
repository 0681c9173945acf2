import { expect, it } from "vitest";
import { ItemEstimate } from "../../../src/runners/item-estimate.ts";

it("knows nothing before the first item", () => {
	const estimate = new ItemEstimate();
	estimate.add(0, 1);
	estimate.add(5, 0); // nobody has timed them
	expect(estimate.ms).toBeUndefined();
});

it("counts work and not reports: a first item among thousands does not weigh more than they", () => {
	const estimate = new ItemEstimate();
	estimate.add(1, 1);
	estimate.add(5000, 1);
	expect(estimate.ms).toBeLessThan(0.001);
});

it("follows items that have become slow at once, and fast ones after some work", () => {
	const estimate = new ItemEstimate();
	estimate.add(1000, 1);
	estimate.add(1, 2000);
	expect(estimate.ms).toBeGreaterThan(1900);
	for (let i = 0; i < 10; i++) estimate.add(100, 100);
	expect(estimate.ms).toBeLessThan(2);
});
