import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Store } from "../../../src/store/store.ts";

let folder: string;
let store: Store;
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "applyd-test-"));
	store = await Store.open(folder);
	await store.jobs.add(newJob("a"));
});
afterEach(async () => {
	store.close();
	await rm(folder, { recursive: true });
});

const newJob = (id: string, account = "ada") => ({
	id,
	account,
	caller: "{}",
	algorithm: "job/Work/1.0.0",
	format: "ndjson",
	options: "{}",
	input: null,
	isGzip: 0 as const,
	inputBytes: 100,
	inputEtag: "e",
	maxFailed: null,
	createdAt: new Date(0).toISOString(),
});
const NOW = 1000;
const me = { owner: "me", until: NOW + 500 };
const you = { owner: "you", until: NOW + 500 };
const claim = (lease = me, now = NOW) =>
	store.jobs.claim("a", lease, new Date(now));
const range = (firstIndex: number, count = 10) => ({
	firstIndex,
	count,
	startByte: firstIndex * 2,
	endByte: (firstIndex + count) * 2,
});
const find = async () => {
	const row = await store.jobs.find("a");
	if (!row) throw new Error("it is gone");
	return row;
};
const end = (status: "completed" | "failed" | "cancelled", owner = "me") =>
	store.jobs.settle("a", owner, { status, error: null }, new Date(NOW));

describe("a job", () => {
	it("is claimed by one, until the lease has run out", async () => {
		const claims = await Promise.all([claim(me), claim(you)]);
		expect(claims.filter(Boolean)).toHaveLength(1);
		expect(claims[0]).toMatchObject({
			owner: "me",
			status: "running",
			startedAt: new Date(NOW).toISOString(),
		});
		expect(await claim(you, NOW + 500)).toBeUndefined();
		expect(await claim(you, NOW + 501)).toMatchObject({ owner: "you" });
		expect((await find()).startedAt).toBe(new Date(NOW).toISOString());
	});

	it("whose lease is renewed or released is held longer, or free", async () => {
		await claim();
		await store.leases.renew({ owner: "me", until: NOW + 2000 });
		expect(await claim(you, NOW + 1500)).toBeUndefined();
		await store.leases.release("me");
		expect(await claim(you, NOW)).toMatchObject({ owner: "you" });
	});

	it("that nobody runs is cancelled at once, another one by its owner", async () => {
		await store.jobs.cancel("a", new Date(NOW));
		expect(await find()).toMatchObject({ status: "cancelled" });
		await store.jobs.resume("a", null);
		await claim();
		await store.jobs.cancel("a", new Date(NOW));
		expect(await find()).toMatchObject({ status: "cancelling" });
		expect(await end("completed")).toBe(false);
		expect(await end("failed")).toBe(false);
		expect(await end("cancelled", "you")).toBe(false);
		expect(await end("cancelled")).toBe(true);
		expect(await find()).toMatchObject({ status: "cancelled", owner: null });
	});

	it("is completed only when all of it is cut and done", async () => {
		await claim();
		expect(await end("completed")).toBe(false);
		await store.shards.cut("a", "me", range(0), me, true);
		expect(await end("completed")).toBe(false);
		const shard = { ...range(0), claims: 1, stored: null, succeeded: 0 };
		const outcome = { succeeded: 9, failed: 1 };
		expect(await store.shards.finish("a", me, shard, outcome)).toEqual({
			failed: 1,
		});
		expect(await end("completed")).toBe(true);
		expect(await find()).toMatchObject({
			succeeded: 9,
			failed: 1,
			cutIndex: 10,
		});
	});

	it("that is resumed may fail as many items more", async () => {
		await claim();
		await store.shards.cut("a", "me", range(0), me, false);
		const shard = { ...range(0), claims: 1, stored: null, succeeded: 0 };
		await store.shards.finish("a", me, shard, { succeeded: 3, failed: 7 });
		await end("failed");
		await store.jobs.resume("a", 5);
		expect(await find()).toMatchObject({ status: "queued", maxFailed: 12 });
	});

	it("goes with its shards, once it has finished", async () => {
		expect(await store.jobs.remove("a")).toBe(false);
		await claim();
		await store.shards.cut("a", "me", range(0), me, true);
		await end("failed");
		expect(await store.jobs.finishedBefore(new Date(NOW))).toEqual([]);
		expect(await store.jobs.finishedBefore(new Date(NOW + 1))).toEqual(["a"]);
		expect(await store.jobs.remove("a")).toBe(true);
		expect(await store.jobs.find("a")).toBeUndefined();
		expect(await store.shards.areDone("a")).toBe(true);
	});

	it("is found by account, status, algorithm and age", async () => {
		await store.jobs.add(newJob("b"));
		await store.jobs.add(newJob("c", "bob"));
		await claim();
		const ids = async (search: object) =>
			(await store.jobs.search({ limit: 10, ...search })).map(({ id }) => id);
		expect(await ids({})).toEqual(["c", "b", "a"]);
		expect(await ids({ account: "ada" })).toEqual(["b", "a"]);
		expect(await ids({ status: "queued" })).toEqual(["c", "b"]);
		expect(await ids({ before: "c", limit: 1 })).toEqual(["b"]);
		expect(await ids({ algorithm: "JOB/Work/" })).toEqual(["c", "b", "a"]);
		expect(await ids({ algorithm: "job/Wor/" })).toEqual([]);
		expect(await ids({ algorithm: "JOB/wORK/1.0.0" })).toHaveLength(3);
		expect((await store.jobs.unfinished()).map(({ id }) => id)).toEqual([
			"a",
			"b",
			"c",
		]);
	});
});

describe("a shard", () => {
	beforeEach(async () => {
		await claim();
	});

	it("is cut by the owner, each part of the input once", async () => {
		const cut = (owner: string, first: number) =>
			store.shards.cut("a", owner, range(first), undefined, false);
		expect(await cut("you", 0)).toBe(false);
		expect(await cut("me", 0)).toBe(true);
		expect(await cut("me", 0)).toBe(false);
		expect(await cut("me", 10)).toBe(true);
		expect(await find()).toMatchObject({ cutIndex: 20, cutByte: 40 });
		await store.shards.cut("a", "me", undefined, undefined, true);
		expect(await cut("me", 20)).toBe(false);
	});

	it("is claimed in input order, by one", async () => {
		await store.shards.cut("a", "me", range(0), me, false);
		await store.shards.cut("a", "me", range(10), undefined, false);
		await store.shards.cut("a", "me", range(20), undefined, true);
		const claims = await Promise.all(
			[you, me, you].map((lease) => store.shards.claim("a", lease, NOW)),
		);
		expect(claims.map((shard) => shard?.firstIndex)).toEqual([
			10,
			20,
			undefined,
		]);
		expect(await store.shards.hasReady("a", NOW)).toBe(false);
		expect(await store.shards.hasReady("a", NOW + 501)).toBe(true);
		expect(await store.shards.claim("a", you, NOW + 501)).toMatchObject({
			...range(0),
			claims: 2,
			stored: null,
		});
	});

	it("that somebody else has claimed cannot be finished any more", async () => {
		await store.shards.cut("a", "me", range(0), me, true);
		const mine = { ...range(0), claims: 1, stored: null, succeeded: 0 };
		const yours = await store.shards.claim("a", you, NOW + 501);
		const outcome = { succeeded: 10, failed: 0 };
		expect(await store.shards.finish("a", me, mine, outcome)).toBeUndefined();
		expect((await find()).succeeded).toBe(0);
		if (!yours) throw new Error("not claimed");
		await store.shards.finish("a", you, yours, outcome);
		expect(await store.shards.finish("a", you, yours, outcome)).toBeUndefined();
		expect((await find()).succeeded).toBe(10);
		expect(await store.shards.storedFrom("a", 0, 10)).toEqual([
			{ firstIndex: 0, stored: 2, failed: 0 },
		]);
	});

	it("of which a part is done leaves the rest as a shard of its own", async () => {
		await store.shards.cut("a", "me", range(0), me, true);
		const shard = { ...range(0), claims: 1, stored: null, succeeded: 0 };
		const rest = range(4, 6);
		const outcome = { succeeded: 4, failed: 0, rest };
		await store.shards.finish("a", me, shard, outcome);
		expect(await store.shards.areDone("a")).toBe(false);
		await store.shards.release("a", "me");
		expect(await store.shards.claim("a", you, NOW)).toMatchObject(rest);
	});

	it("with failed items is run again by a retry, and its counts are replaced", async () => {
		await store.shards.cut("a", "me", range(0), me, false);
		await store.shards.cut("a", "me", range(10), me, true);
		for (const [first, failed] of [
			[0, 2],
			[10, 0],
		] as const) {
			const shard = { ...range(first), claims: 1, stored: null, succeeded: 0 };
			const outcome = { succeeded: 10 - failed, failed };
			await store.shards.finish("a", me, shard, outcome);
		}
		await end("completed");
		await store.jobs.retry("a", 3);
		expect(await find()).toMatchObject({
			status: "queued",
			succeeded: 18,
			failed: 0,
			maxFailed: 3,
		});
		await claim();
		const again = await store.shards.claim("a", me, NOW);
		expect(again).toMatchObject({ firstIndex: 0, stored: 1, succeeded: 8 });
		if (!again) throw new Error("not claimed");
		await store.shards.finish("a", me, again, { succeeded: 9, failed: 1 });
		expect(await store.shards.claim("a", me, NOW)).toBeUndefined();
		expect(await find()).toMatchObject({ succeeded: 19, failed: 1 });
		expect(await store.shards.storedFrom("a", 0, 1)).toEqual([
			{ firstIndex: 0, stored: 2, failed: 1 },
		]);
	});

	it("of a job that is not running is nobody's", async () => {
		await store.shards.cut("a", "me", range(0), me, true);
		await store.jobs.cancel("a", new Date(NOW));
		await end("cancelled");
		expect(await store.shards.claim("a", you, NOW)).toBeUndefined();
	});
});

describe("writes that share a transaction", () => {
	it("fail alone", async () => {
		await claim();
		await store.shards.cut("a", "me", range(0), me, false);
		await store.shards.cut("a", "me", range(10), undefined, false);
		const shard = { ...range(0), claims: 1, stored: null, succeeded: 0 };
		const rest = range(10); // is there already
		const [lost, kept] = await Promise.allSettled([
			store.shards.finish("a", me, shard, { succeeded: 1, failed: 0, rest }),
			store.shards.cut("a", "me", range(20), undefined, true),
		]);
		expect(lost.status).toBe("rejected");
		expect(kept).toMatchObject({ value: true });
		expect(await find()).toMatchObject({ succeeded: 0, cutIndex: 30 });
	});
});
