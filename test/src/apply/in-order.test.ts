import { describe, expect, it } from "vitest";
import { InOrder } from "../../../src/apply/in-order.ts";

const group = (firstIndex: number, count: number) => ({
	firstIndex,
	count,
	failed: 0,
	runMs: 0,
	lengths: new Uint32Array(count),
	text: Buffer.alloc(1000 * count),
});

describe("outcomes in order", () => {
	it("pass as long as they come in order", () => {
		const order = new InOrder();
		expect(order.take(group(0, 3))).toHaveLength(1);
		expect(order.take(group(3, 1))).toHaveLength(1);
		expect(order.earlyBytes).toBe(0);
	});

	it("are held back until those before them are there, and counted meanwhile", () => {
		const order = new InOrder();
		expect(order.take(group(5, 2))).toEqual([]);
		expect(order.take(group(2, 3))).toEqual([]);
		expect(order.earlyBytes).toBeGreaterThanOrEqual(5000);
		const passed = order.take(group(0, 2)).map(({ firstIndex }) => firstIndex);
		expect(passed).toEqual([0, 2, 5]);
		expect(order.earlyBytes).toBe(0);
	});
});
