import { describe, expect, it } from "vitest";
import { joinRuns, pick } from "../../../src/jobs/cuts.ts";
import { Feed } from "../../../src/jobs/feed.ts";
import { Form } from "../../../src/protocol/slice-frames.js";
import { cutsOf, listCutsOf, textOf } from "./pieces.ts";

const numbers = (count: number) =>
	Array.from({ length: count }, (_, i) => `${i}`);
const MANY = Number.POSITIVE_INFINITY;

function drain(feed: Feed, maxItems: number, maxBytes = MANY) {
	const taken: [first: number, text: string][] = [];
	for (;;) {
		const cut = feed.take(maxItems, maxBytes);
		if (!cut) return taken;
		taken.push([cut.firstIndex, textOf(cut)]);
	}
}

describe("a feed", () => {
	it("gives away larger pieces than it got", () => {
		const feed = new Feed(cutsOf(numbers(7), 2), Form.LINES);
		expect(drain(feed, 4)).toEqual([
			[0, "0\n1\n2\n3"],
			[4, "4\n5\n6"],
		]);
		expect(feed.isEmpty).toBe(true);
	});

	it("and smaller ones", () => {
		const feed = new Feed(cutsOf(numbers(5), 5), Form.LINES);
		expect(drain(feed, 2)).toEqual([
			[0, "0\n1"],
			[2, "2\n3"],
			[4, "4"],
		]);
	});

	it("of elements of an array, too", () => {
		const cuts = listCutsOf('[1,[2,3],"4,5",6,7]', 3);
		expect(drain(new Feed(cuts, Form.LIST), 2)).toEqual([
			[0, "1,[2,3]"],
			[2, '"4,5"'],
			[3, "6,7"],
		]);
	});

	it("within so many bytes, one item at least", () => {
		const cuts = cutsOf(["aaaa", "bb", "cccc"], 3);
		expect(drain(new Feed(cuts, Form.LINES), 10, 3)).toEqual([
			[0, "aaaa"],
			[1, "bb"],
			[2, "cccc"],
		]);
	});

	it("keeps an item that cannot be run by itself", () => {
		const cuts = cutsOf(["1", "x".repeat(2000), "3", "4"], 10);
		expect(cuts.map(({ fault }) => fault?.errorType)).toEqual([
			undefined,
			"TooLargeError",
			undefined,
		]);
		expect(
			drain(new Feed(cuts, Form.LINES), 10).map(([first]) => first),
		).toEqual([0, 1, 2]);
	});
});

describe("items picked out of cuts", () => {
	it.each([
		["some", [0, 3, 4, 9]],
		["a whole cut of them", [4, 5, 6, 7, 8]],
		["all", [...Array(10).keys()]],
		["none", []],
		["the last", [9]],
	])("are %s", (_, wanted) => {
		const cuts = cutsOf(numbers(10), 4);
		const picked = [...pick(cuts, wanted, Form.LINES)];
		expect(picked.flatMap((cut) => textOf(cut).split("\n"))).toEqual(
			wanted.map(String),
		);
		const joined = joinRuns(picked, Form.LINES);
		expect(joined.map(textOf).join("\n")).toBe(wanted.join("\n"));
	});
});
