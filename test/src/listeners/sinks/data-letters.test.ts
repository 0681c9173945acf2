import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Letter } from "../../../../src/listeners/letter.ts";
import { takeLetters } from "../../../../src/listeners/sinks/data-letters.ts";
import {
	type DeadLetter,
	deadLetter,
} from "../../../../src/listeners/sinks/dead-letter.ts";
import { until } from "../../../support/until.ts";
import {
	age,
	caller,
	ids,
	MOODS,
	newPlace,
	openMoods,
	type Place,
	partNames,
	storedIds,
} from "./place.ts";

let place: Place;
beforeEach(async () => {
	place = await newPlace();
	await place.data.createDirectory({ caller }, ".my", "moods");
});
afterEach(() => place.close());

const dead = (id: string, body = id): Letter =>
	deadLetter(
		{
			id,
			body: Buffer.from(body),
			isRedelivered: false,
			attempts: 0,
			handedOn: { headers: {} },
		},
		5,
		{ message: "no", error_type: "AlgorithmError" },
	);
const idsOf = (letters: readonly DeadLetter[]) =>
	letters.map(({ messageId }) => messageId);
const take = () => takeLetters(MOODS, { data: place.data, caller });
async function takeAll(keep: (letter: DeadLetter) => boolean = () => false) {
	const taken: string[] = [];
	const faults: string[] = [];
	for await (const part of take()) {
		taken.push(...idsOf(part.lines));
		faults.push(...part.faults);
		await part.done(part.lines.filter(keep));
	}
	return { taken, faults };
}
/** As another server, or somebody's editor, leaves a file. */
async function write(name: string, content: string | Buffer) {
	const stream = Readable.from([Buffer.from(content)]);
	await place.data.put({ caller }, `${MOODS}/${name}`, stream);
	await age(place.state, name);
}

it("finds nothing where nothing is", async () => {
	expect(await takeAll()).toEqual({ taken: [], faults: [] });
	await place.data.remove({ caller }, MOODS);
	expect(await takeAll()).toEqual({ taken: [], faults: [] });
});

it("takes the oldest first, a part at a time, and removes what is done", async () => {
	const sink = await openMoods(place.data);
	const all = ids(6);
	for (const id of all) await sink.put(dead(id, "x".repeat(200_000)));
	const parts: string[][] = [];
	for await (const { lines, done } of take()) {
		parts.push(idsOf(lines));
		await done([]);
	}
	expect(parts).toEqual([
		["m0", "m1"],
		["m2", "m3"],
		["m4", "m5"],
	]);
	expect(await partNames(place.data)).toEqual([]);
	await sink.close();
});

it("leaves what is kept, and all of a part that is not done", async () => {
	const sink = await openMoods(place.data);
	for (const id of ids(4)) await sink.put(dead(id));
	await sink.close();
	for await (const { lines } of take()) expect(lines).toHaveLength(4);
	expect(await storedIds(place.data)).toEqual(ids(4));
	await takeAll(({ messageId }) => messageId === "m1" || messageId === "m3");
	expect(await storedIds(place.data)).toEqual(["m1", "m3"]);
	expect((await takeAll()).taken).toEqual(["m1", "m3"]);
});

it("takes of two lines that are the same only as many as are not kept", async () => {
	const line = `${dead("m0").body}\n`;
	await write("a.ndjson", line.repeat(3));
	for await (const { lines, done } of take()) await done(lines.slice(0, 1));
	expect(await storedIds(place.data)).toEqual(["m0"]);
});

it("keeps lines that are none byte by byte, and says which", async () => {
	const broken = Buffer.from([0xe9, 0x7b, 0x0a]);
	const good = Buffer.from(`${dead("good").body}\r\n\n`);
	await write("notes.txt", "not a part");
	await write("a.ndjson", Buffer.concat([good, broken, good]));
	const { taken, faults } = await takeAll();
	expect(taken).toEqual(["good", "good"]);
	expect(faults).toEqual([
		expect.stringMatching(/^a\.ndjson, line 2: it is no JSON/),
	]);
	expect(await partNames(place.data)).toEqual(["a.ndjson", "notes.txt"]);
	const found = await place.data.get({ caller }, `${MOODS}/a.ndjson`);
	expect(await found?.stream.toArray()).toEqual([broken]);
});

it("neither loses nor doubles what a sink of this process puts meanwhile", async () => {
	const sinks = await Promise.all([
		openMoods(place.data),
		openMoods(place.data),
	]);
	const all = ids(600);
	let isPutting = true;
	const putting = Promise.all(
		[0, 1, 2, 3].map(async (writer) => {
			for (const [n, id] of all.entries())
				if (n % 4 === writer) await sinks[writer % 2]?.put(dead(id));
		}),
	).then(() => {
		isPutting = false;
	});
	const taken: string[] = [];
	while (isPutting) taken.push(...(await takeAll()).taken);
	await putting;
	taken.push(...(await takeAll()).taken);
	expect(taken.sort()).toEqual(all.sort());
	for (const sink of sinks) await sink.close();
});

it("leaves lines that came to a part after it was read", async () => {
	const line = `${dead("m0").body}\n`;
	await write("a.ndjson", line);
	for await (const { done } of take()) {
		await write("a.ndjson", `${line}${dead("m1").body}\n`);
		await done([]);
	}
	expect(await storedIds(place.data)).toEqual(["m1"]);
});

it("waits for the part of another server until that is final", async () => {
	const child = fork(join(import.meta.dirname, "writer.mjs"), [place.state]);
	let written = 0;
	child.on("message", () => written++);
	await until("it writes", () => written > 0);
	child.kill("SIGKILL");
	await once(child, "close");
	const [name = ""] = await partNames(place.data);
	let faults: string[] | undefined;
	const taking = take()
		.next()
		.then(({ value }) => {
			faults = value.faults;
		});
	for (let n = 0; n < 100; n++) await nextTurn();
	expect(faults).toBeUndefined();
	await age(place.state, name);
	await taking;
	expect(faults?.length).toBeGreaterThan(0);
});

it("stops waiting when it is told to", async () => {
	await place.data.put(
		{ caller },
		`${MOODS}/a.ndjson`,
		Readable.from([Buffer.from("x")]),
	);
	const stop = new AbortController();
	const taking = takeLetters(MOODS, {
		data: place.data,
		caller,
		signal: stop.signal,
	}).next();
	stop.abort();
	await expect(taking).rejects.toThrow("aborted");
});
