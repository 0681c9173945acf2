import { Readable } from "node:stream";
import { afterEach, beforeEach, expect, it } from "vitest";
import { nameAt } from "../../../../src/listeners/sinks/data-part.ts";
import {
	caller,
	letter,
	MOODS,
	newPlace,
	openMoods,
	type Place,
} from "./place.ts";

let place: Place;
beforeEach(async () => {
	place = await newPlace();
	await place.data.createDirectory({ caller }, ".my", "moods");
});
afterEach(() => place.close());

const write = (name: string, ...lines: (Buffer | string)[]) =>
	place.data.put(
		{ caller },
		`${MOODS}/${name}`,
		Readable.from(lines.map((line) => Buffer.from(`${line}\n`))),
	);
const minutesAgo = (minutes: number) =>
	`${nameAt(Date.now() - minutes * 60_000)}-00000000-000001.ndjson`;
async function recent(): Promise<string[]> {
	const sink = await openMoods(place.data);
	const ids = [...((await sink.recentIds?.()) ?? [])];
	await sink.close();
	return ids;
}

it("knows the lines of the last two hours, whoever wrote them, the newest last, and nothing else", async () => {
	expect(await recent()).toEqual([]);
	await write(minutesAgo(1), letter("new").body, "no line of ours");
	await write(minutesAgo(115), letter("older").body, letter("new").body);
	await write(minutesAgo(125), letter("old").body);
	await write("readme.txt", letter("no part").body);
	expect(await recent()).toEqual(["older", "new", "new"]);
});

it("leaves out the oldest parts when there are very many lines", async () => {
	await write(minutesAgo(3), letter("older").body);
	const many = Array.from({ length: 100_000 }, (_, i) => letter(`${i}`).body);
	await write(minutesAgo(2), many.join("\n"));
	await write(minutesAgo(1), letter("newest").body);
	const ids = await recent();
	expect([ids.length, ids[0], ids.at(-1)]).toEqual([100_001, "0", "newest"]);
});

it("reads the newest first, and stops before it is too much", async () => {
	await write(minutesAgo(2), letter("older").body);
	await write(minutesAgo(1), letter("large", "x".repeat(2 ** 26)).body);
	expect(await recent()).toEqual(["large"]);
});
