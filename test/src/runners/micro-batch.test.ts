import { describe, expect, it } from "vitest";
import { localCaller } from "../../../src/accounts/caller.ts";
import type { Manifest } from "../../../src/registry/manifest.ts";
import { Call } from "../../../src/runners/call.ts";
import { MicroBatch } from "../../../src/runners/micro-batch.ts";

const batchOf = (
	microBatch: Manifest["microBatch"] = { maxItems: 8, maxWaitMs: 5 },
	manifest: Manifest = {},
) => new MicroBatch({ ...manifest, microBatch });

const callOf = (bytes = 2) =>
	new Call(
		{
			requestId: "req-test",
			caller: localCaller("local"),
			inputKind: 0,
			wants: 0,
			body: Buffer.alloc(bytes),
		},
		60_000,
		() => {},
	);

/** Calls come so often, each while others are open, until so many of them wait. @returns when the last one came */
function arrive(batch: MicroBatch, gapMs: number, count: number, from = 0) {
	let now = from;
	for (let i = 0; i < count; i++) {
		now = from + i * gapMs;
		batch.arrived(now, i === 0, false);
	}
	return now;
}

describe("what waits for a free worker", () => {
	it("goes at once if its caller is alone, however fast he calls", () => {
		const batch = batchOf();
		for (let now = 0; now < 100; now += 0.3) {
			batch.arrived(now, true, true);
			expect(batch.release(1, false, now + 0.1)).toBe("idle");
		}
	});

	it("goes at once if its caller is alone after many: only his first call waits a moment", () => {
		const batch = batchOf();
		arrive(batch, 0.05, 500);
		for (let now = 100; now < 200; now += 0.3) {
			batch.arrived(now, true, true);
			const released = batch.release(1, false, now);
			if (now > 100) expect(released).toBe("idle");
			else expect(released).toBeLessThan(1.5);
		}
	});

	it("waits for others that come all at once, again and again", () => {
		const batch = batchOf();
		for (let from = 0; from < 1000; from += 10) {
			batch.arrived(from, true, true);
			if (from > 100) expect(batch.release(1, false, from)).toBeGreaterThan(0);
			for (let i = 1; i < 8; i++) batch.arrived(from + i * 0.05, false, false);
			expect(batch.release(8, false, from + 0.4)).toBe("full");
		}
	});

	it("goes at once if calls are rarer than the wait is long", () => {
		const batch = batchOf();
		for (let now = 0; now < 1000; now += 50) {
			batch.arrived(now, true, false);
			expect(batch.release(1, false, now)).toBe("idle");
		}
	});

	it("waits for others while they come thick and fast, until it is full", () => {
		const batch = batchOf();
		arrive(batch, 0.05, 50);
		const now = arrive(batch, 0.05, 7, 10);
		expect(batch.release(7, false, now)).toBeGreaterThan(0);
		batch.arrived(now + 0.05, false, false);
		expect(batch.release(8, false, now + 0.05)).toBe("full");
	});

	it("goes when the first of it has waited for maxWaitMs, though more would come", () => {
		const batch = batchOf({ maxItems: 100, maxWaitMs: 5 });
		arrive(batch, 0.5, 50);
		for (let now = 100; now < 104.5; now += 0.5) {
			batch.arrived(now, now === 100, false);
			const waitMs = batch.release(1, false, now) as number;
			expect(now + waitMs).toBeLessThanOrEqual(105);
		}
		expect(batch.release(10, false, 105)).toBe("waited");
	});

	it("goes as soon as the others have stopped coming", () => {
		const batch = batchOf();
		arrive(batch, 0.05, 50);
		const now = arrive(batch, 0.05, 3, 10);
		const waitMs = batch.release(3, false, now) as number;
		expect(waitMs).toBeLessThan(2);
		expect(batch.release(3, false, now + waitMs)).toBe("idle");
	});

	it("does not wait when the next call is not likely to come in time", () => {
		const batch = batchOf();
		arrive(batch, 2, 50);
		const now = arrive(batch, 2, 3, 100);
		expect(batch.release(3, false, now)).toBe("idle");
	});

	it("has waited long enough if no worker was free", () => {
		const batch = batchOf();
		arrive(batch, 0.05, 50);
		const now = arrive(batch, 0.05, 3, 10);
		batch.heldUp();
		expect(batch.release(3, false, now)).toBe("busy");
		expect(arrive(batch, 0.05, 3, now)).toBeGreaterThan(now);
		expect(batch.release(3, false, now + 0.15)).toBeGreaterThan(0);
	});

	it("waits for nobody if something else is behind it", () => {
		const batch = batchOf();
		arrive(batch, 0.05, 50);
		const now = arrive(batch, 0.05, 3, 10);
		expect(batch.release(3, true, now)).toBe("full");
	});

	it("never waits with maxWaitMs 0", () => {
		const batch = batchOf({ maxWaitMs: 0 });
		const now = arrive(batch, 0, 50);
		expect(batch.release(1, false, now)).toBe("idle");
	});
});

describe("a batch", () => {
	it("is of 32 calls at most unless the manifest says, and never of more than maxBatchItems", () => {
		const waiting = Array.from({ length: 100 }, () => callOf());
		expect(batchOf({}).count(waiting)).toBe(32);
		expect(batchOf({ maxItems: 50 }).count(waiting)).toBe(50);
		expect(batchOf({}, { maxBatchItems: 10 }).count(waiting)).toBe(10);
		expect(batchOf({ maxItems: 200 }).count(waiting)).toBe(100);
	});

	it("ends where its bodies are large together, but a call of any size can go", () => {
		const large = callOf(10 * 2 ** 20);
		const larger = callOf(20 * 2 ** 20);
		expect(batchOf().count([large, large, large])).toBe(1);
		expect(batchOf().count([callOf(), large, callOf(), larger])).toBe(3);
		expect(batchOf().count([larger, callOf()])).toBe(1);
	});

	it("ends before a call that is to run alone", () => {
		const alone = callOf();
		alone.runsAlone = true;
		expect(batchOf().count([callOf(), callOf(), alone, callOf()])).toBe(2);
	});
});
