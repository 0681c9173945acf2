import { describe, expect, it } from "vitest";
import { AlgoError } from "../../../src/errors.ts";
import { Insistence } from "../../../src/jobs/insistence.ts";
import { isJobId, newJobId } from "../../../src/jobs/job-id.ts";
import { RecentRate } from "../../../src/jobs/recent-rate.ts";
import { ShardSize } from "../../../src/jobs/shard-size.ts";

describe("the size of a shard", () => {
	it("comes to about a second's work, in steps", () => {
		const size = new ShardSize();
		expect(size.items).toBe(32);
		size.took(32, 4); // 8000 a second
		expect(size.items).toBe(256);
		size.took(256, 32);
		expect(size.items).toBe(2048);
		size.took(2048, 256);
		expect(size.items).toBe(8000);
	});

	it("is one item where that takes long, and never too large", () => {
		const size = new ShardSize();
		size.took(32, 60_000);
		expect(size.items).toBe(1);
		for (let i = 0; i < 20; i++) size.took(size.items, 0);
		expect(size.items).toBe(50_000);
		expect(size.itemsInCut).toBe(1024);
	});
});

describe("a recent rate", () => {
	it("is of the last ten seconds, or of the time that has passed", () => {
		const rate = new RecentRate(500);
		rate.add(100, 600);
		expect(rate.perSecond(1500)).toBe(100);
		rate.add(900, 9999);
		expect(rate.perSecond(10_500)).toBeCloseTo(900 / 9.5);
		expect(rate.perSecond(18_000)).toBeCloseTo(900 / 9);
		expect(rate.perSecond(60_000)).toBe(0);
	});
});

describe("an id", () => {
	it("sorts behind those before it", () => {
		const ids = Array.from({ length: 1000 }, newJobId);
		expect(ids).toEqual([...ids].sort());
		expect(new Set(ids).size).toBe(1000);
		expect(ids.every(isJobId)).toBe(true);
		expect(isJobId("../x")).toBe(false);
	});
});

describe("insistence", () => {
	it("says why it does not go on, and goes on when it can", async () => {
		const told: (string | undefined)[] = [];
		const insistence = new Insistence((reason) => told.push(reason));
		let tries = 0;
		const result = await insistence.on(async () => {
			if (tries++ === 0) throw new Error("full");
			return "done";
		});
		expect(result).toBe("done");
		expect(told).toEqual(["full", undefined]);
	});

	it("gives up what cannot succeed", async () => {
		const insistence = new Insistence(() => {});
		const gone = new AlgoError("PATH_NOT_FOUND", "gone");
		await expect(insistence.on(() => Promise.reject(gone))).rejects.toBe(gone);
	});

	it("ends at once when it is told to", async () => {
		const insistence = new Insistence(() => {});
		const full = new Error("full");
		const trying = insistence.on(() => Promise.reject(full));
		insistence.end();
		await expect(trying).rejects.toBe(full);
		expect(insistence.reason).toBeUndefined();
	});
});
