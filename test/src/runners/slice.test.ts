import { describe, expect, it } from "vitest";
import { localCaller } from "../../../src/accounts/caller.ts";
import { AlgoError } from "../../../src/errors.ts";
import { InputKind } from "../../../src/protocol/frames.js";
import { Form, SliceFlag } from "../../../src/protocol/slice-frames.js";
import { Call } from "../../../src/runners/call.ts";
import type { Outcome } from "../../../src/runners/outcome.ts";
import { type ItemOutcomes, Slice } from "../../../src/runners/slice.ts";

/** A slice of 10 items, from index 100 on, with a lane that only notes what it is told. */
function begun({ groupItems = 1, flags = 0, itemTimeoutMs = 1000 } = {}) {
	const told: string[] = [];
	const starts: number[] = [];
	const ends: Outcome[] = [];
	const stops: Slice[] = [];
	const call = new Call(
		{
			requestId: "req-test",
			caller: localCaller("local"),
			inputKind: InputKind.JSON,
			wants: 0,
			body: Buffer.alloc(0),
		},
		60_000,
		() => {},
	);
	const given: number[] = [];
	const slice = new Slice({
		call,
		inputKind: InputKind.JSON,
		firstIndex: 100,
		count: 10,
		pieces: [],
		form: Form.LIST,
		flags,
		itemTimeoutMs,
		isBackground: false,
		onOutcomes({ firstIndex, text }: ItemOutcomes) {
			starts.push(firstIndex);
			told.push(String(text));
		},
		onStopped: () => given.push(slice.giveBack()),
		onEnd: (_, outcome) => ends.push(outcome),
	});
	slice.id = 1;
	slice.begin({ stop: (it) => stops.push(it), release() {} }, groupItems);
	return { slice, told, starts, ends, stops, given };
}

/** Outcomes whose texts are their places in the slice. */
function outcomes(offset: number, ...texts: string[]) {
	return {
		id: 1,
		offset,
		runMs: 1,
		lengths: Uint32Array.from(texts, (text) => text.length * 2),
		text: Buffer.from(texts.join("")),
	};
}

const EXITED = new AlgoError("EXITED", "exited with code 3");
const failed: Outcome = { kind: "failed", error: EXITED, runMs: 1 };

describe("the outcomes of a slice", () => {
	it("are told in order, with their index in the whole", () => {
		const { slice, told, starts } = begun();
		slice.receive(outcomes(0, "a", "b"));
		slice.receive(outcomes(2, "c"));
		expect(told).toEqual(["ab", "c"]);
		expect(starts).toEqual([100, 102]);
	});

	it("that come both ways are told once", () => {
		const { slice, told } = begun();
		slice.receiveRest(outcomes(0, "a", "b"));
		slice.receive(outcomes(0, "a", "b", "c"));
		slice.receive(outcomes(1, "b"));
		expect(told.join("")).toBe("abc");
		expect(slice.done).toBe(3);
	});

	it("that their process tells of early wait for those that were written before", () => {
		const { slice, told } = begun();
		slice.receiveRest(outcomes(2, "c", "d"));
		expect(told).toEqual([]);
		slice.receive(outcomes(0, "a"));
		slice.receive(outcomes(1, "b"));
		expect(told.join("")).toBe("abcd");
	});

	it("of items that were given back are dropped", () => {
		const { slice, told, given } = begun();
		slice.receive(outcomes(0, "a"));
		slice.stopped();
		expect(given).toEqual([2]);
		slice.receive(outcomes(1, "b", "c", "d"));
		expect(told.join("")).toBe("ab");
	});

	it("are all known before the rest is given back", () => {
		const { slice, given } = begun();
		slice.receiveRest(outcomes(3));
		slice.stopped();
		expect(given).toEqual([]);
		slice.receive(outcomes(0, "a", "b", "c"));
		expect(given).toEqual([4]);
	});
});

describe("the rest of a slice", () => {
	it("is given back once, however often it is stopped", () => {
		const { slice, given } = begun({ groupItems: 3 });
		slice.stopped();
		slice.stopped();
		slice.receive(outcomes(0, "a", "b", "c"));
		slice.stopped();
		expect(given).toEqual([3]);
	});

	it("does not begin inside the group that runs", () => {
		const { slice, given } = begun({ groupItems: 4 });
		slice.receive(outcomes(0, "a", "b", "c", "d"));
		slice.stopped();
		expect(given).toEqual([8]);
	});
});

describe("the time of an item", () => {
	it("that is up stops the slice, and ends it when that is settled", () => {
		const { slice, stops, ends } = begun();
		slice.overdue();
		expect(stops).toEqual([slice]);
		expect(ends).toEqual([]);
		slice.stopped();
		expect(ends).toMatchObject([{ error: { code: "TIMED_OUT" } }]);
	});

	it("is not the next one's: an item that ends before it is stopped is none that took too long", () => {
		const { slice, ends, given } = begun();
		slice.overdue();
		slice.receive(outcomes(0, "a"));
		slice.stopped();
		expect(ends).toEqual([]);
		expect(given).toEqual([2]);
		slice.overdue();
		slice.stopped();
		expect(ends).toMatchObject([{ error: { code: "TIMED_OUT" } }]);
	});

	it("counts no more when the whole is to end", () => {
		const { slice, ends } = begun();
		slice.overdue();
		slice.end(EXITED);
		slice.receive(outcomes(0, "a"));
		slice.stopped();
		expect(ends).toHaveLength(1);
	});
});

describe("who is blamed for a dead worker", () => {
	const death = { isTold: false, isSuspect: false, hasLostLane: false };

	it.each([
		[
			"the first without an outcome, if its process says so",
			{ isTold: true },
			0,
			"first",
		],
		[
			"nobody knows who, if its process is gone too",
			{ isSuspect: true },
			0,
			"unknown",
		],
		[
			"the first, if they ran one by one and alone there",
			{ isSuspect: true },
			SliceFlag.SINGLY,
			"first",
		],
		["nobody knows who, if others ran there", {}, SliceFlag.SINGLY, "unknown"],
		[
			"none, if it could not write",
			{ isTold: true, hasLostLane: true },
			0,
			"none",
		],
	])("is %s", (_, how, flags, blames) => {
		const { slice } = begun({ flags });
		slice.died({ ...death, ...how });
		slice.finish(failed);
		expect(slice.blames).toBe(blames);
	});

	it.each([
		[0, "unknown"],
		[SliceFlag.SINGLY, "first"],
	])(
		"is one that broke the lane, if outcomes did not arrive (flags %d)",
		(flags, blames) => {
			const { slice } = begun({ flags });
			slice.receiveRest(outcomes(5));
			slice.died({ ...death, isTold: true, hasLostLane: true });
			expect(slice.blames).toBe(blames);
		},
	);
});
