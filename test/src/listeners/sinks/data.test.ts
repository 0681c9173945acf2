import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openDataSink } from "../../../../src/listeners/sinks/data.ts";
import { until } from "../../../support/until.ts";
import { account } from "../../data/users.ts";
import {
	caller,
	ids,
	letter,
	MOODS,
	newPlace,
	openMoods,
	type Place,
	partNames,
	parts,
	storedIds,
} from "./place.ts";

let place: Place;
beforeEach(async () => {
	place = await newPlace();
});
afterEach(() => place.close());

it("makes the collection, and each letter is a line that can be read once it is put", async () => {
	const { data } = place;
	const sink = await openMoods(data);
	const { acl } = await data.list({ caller }, MOODS);
	expect(acl).toBe("algorithms");
	await sink.put(letter("a", 0.5));
	expect(await parts(data)).toEqual([
		['{"messageId":"a","at":"now","result":0.5}'],
	]);
	await sink.put(letter("b"));
	expect(await storedIds(data)).toEqual(["a", "b"]);
	expect(await partNames(data)).toEqual([
		expect.stringMatching(
			/^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z-[\da-f]{8}-\d{6}\.ndjson$/,
		),
	]);
	await sink.close();
});

it("takes the collection that is there, with a slash at its end too", async () => {
	const { data } = place;
	await data.createDirectory({ caller }, ".my", "moods", "private");
	const sink = await openMoods(data, "data://ada/moods/");
	await sink.put(letter("a"));
	expect(await storedIds(data)).toEqual(["a"]);
	expect((await data.list({ caller }, MOODS)).acl).toBe("private");
	await sink.close();
});

it.each([
	["data://.my", "must be a collection"],
	["data://.my/moods/today.ndjson", "must be a collection"],
	["data://.session/x", "must be a collection"],
	["data://.algo/a/b/perm", "must be a collection"],
	["data://.my//moods", "must be a collection"],
	["ftp://a/b", "must be a collection"],
	["s3://", "must be a collection"],
	["data://bob/moods", "which is bob's"],
	["data://.my/.moods", "the collection '.moods' cannot be called so"],
	["s3://bucket/moods", "connector s3 not found"],
])("refuses %s", async (path, why) => {
	await expect(openMoods(place.data, path)).rejects.toThrow(why);
});

it("refuses a key that may only read", async () => {
	const { data } = place;
	const reader = account("ada", "read");
	await expect(
		openDataSink(
			{ type: "data", path: MOODS },
			{ name: "x", data, caller: reader },
		),
	).rejects.toMatchObject({ code: "FORBIDDEN" });
});

it("stores what is put at the same time together, in order", async () => {
	const { data } = place;
	const sink = await openMoods(data);
	const put = vi.spyOn(data, "put");
	const all = ids(1000);
	await Promise.all(all.map((id) => sink.put(letter(id))));
	expect(await storedIds(data)).toEqual(all);
	expect(put).toHaveBeenCalledTimes(1);
	await sink.close();
});

it("begins a new part when one is large; a large line is a part of its own", async () => {
	const { data } = place;
	const sink = await openMoods(data);
	const large = "x".repeat(200_000);
	const all = ids(5);
	for (const id of all) await sink.put(letter(id, large));
	await sink.put(letter("huge", "x".repeat(3_000_000)));
	await sink.put(letter("small"));
	const lines = await parts(data);
	expect(lines.map(({ length }) => length)).toEqual([2, 2, 1, 1, 1]);
	expect(await storedIds(data)).toEqual([...all, "huge", "small"]);
	await sink.close();
});

it("begins a new part when one is old", async () => {
	const { data } = place;
	const sink = await openMoods(data);
	await sink.put(letter("a"));
	await sink.put(letter("b"));
	const now = performance.now.bind(performance);
	const later = vi
		.spyOn(performance, "now")
		.mockImplementation(() => now() + 31_000);
	await sink.put(letter("c"));
	later.mockRestore();
	expect((await parts(data)).map(({ length }) => length)).toEqual([2, 1]);
	await sink.close();
});

it("keeps out of the way of others that write to the same collection", async () => {
	const { data } = place;
	const writers = ["a", "b", "c"];
	const all = writers.flatMap((writer) => ids(200, writer));
	await Promise.all(
		writers.map(async (writer) => {
			const sink = await openMoods(data);
			await Promise.all(ids(200, writer).map((id) => sink.put(letter(id))));
			await sink.close();
		}),
	);
	expect((await storedIds(data)).sort()).toEqual(all.sort());
});

it("stores what it has when it is closed, and takes nothing after that", async () => {
	const { data } = place;
	const sink = await openMoods(data);
	const puts = ids(100).map((id) => sink.put(letter(id)));
	await sink.close();
	expect(await storedIds(data)).toEqual(ids(100));
	await Promise.all(puts);
	await expect(sink.put(letter("late"))).rejects.toThrow("is closed");
});

it("makes the collection again when somebody has deleted it; what was in it does not come back", async () => {
	const { data } = place;
	const sink = await openMoods(data);
	await sink.put(letter("old"));
	await data.remove({ caller }, MOODS, true);
	await sink.put(letter("new"));
	expect(await storedIds(data)).toEqual(["new"]);
	await sink.put(letter("next"));
	expect(await storedIds(data)).toEqual(["new", "next"]);
	await sink.close();
});

describe("a server that is killed while it writes", () => {
	it("leaves whole lines, and every line that was said to be stored", async () => {
		const { data, state } = place;
		const seen: string[] = [];
		for (const prefix of ["a", "b", "c"]) {
			const child = fork(join(import.meta.dirname, "writer.mjs"), [
				state,
				prefix,
			]);
			const before = seen.length;
			child.on("message", (id) => seen.push(String(id)));
			await until(
				"it has written for a while",
				() => seen.length > before + 300,
			);
			child.kill("SIGKILL");
			await once(child, "close");
		}
		const there = await storedIds(data);
		expect(new Set(there).size).toBe(there.length);
		expect(seen.filter((id) => !there.includes(id))).toEqual([]);
		const sink = await openMoods(data);
		expect(new Set(await sink.recentIds?.())).toEqual(new Set(there));
		await sink.close();
	});
});
