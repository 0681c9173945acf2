import { describe, expect, it } from "vitest";
import { OpenShard } from "../../../src/jobs/open-shard.ts";
import { InputKind } from "../../../src/protocol/frames.js";
import { Form } from "../../../src/protocol/slice-frames.js";
import { cutsOf } from "./pieces.ts";

const COUNT = 10;
const rules = { form: Form.LINES, inputKind: InputKind.JSON, maxAttempts: 2 };

function open(overrides = {}) {
	const lines = Array.from({ length: COUNT }, (_, i) => `{"i":${i}}`);
	const cuts = cutsOf(lines, 4);
	const range = { firstIndex: 0, count: COUNT, startByte: 0, endByte: 1000 };
	const claimed = { ...range, claims: 1, stored: null, succeeded: 0 };
	return new OpenShard({ ...claimed, ...overrides }, cuts, rules);
}

/** Outcomes of consecutive items, of which some have failed with such an error. */
function outcomes(
	firstIndex: number,
	count: number,
	failed: number[] = [],
	type = "AlgorithmError",
) {
	const lines = Array.from({ length: count }, (_, k) => {
		const index = firstIndex + k;
		return failed.includes(index)
			? `{"index":${index},"error":{"message":"no","error_type":"${type}"}}\n`
			: `{"index":${index},"result":1}\n`;
	});
	return {
		firstIndex,
		count,
		failed: failed.length,
		runMs: 1,
		lengths: Uint32Array.from(
			lines,
			(line, k) => line.length * 2 + (failed.includes(firstIndex + k) ? 1 : 0),
		),
		text: Buffer.from(lines.join("")),
	};
}

const indexes = (pieces: readonly Buffer[]) =>
	Buffer.concat(pieces)
		.toString()
		.split("\n")
		.filter(Boolean)
		.map((line) => JSON.parse(line).index);
const MANY = Number.POSITIVE_INFINITY;

describe("a shard that is run", () => {
	it("has its outcomes in order, however they come", () => {
		const shard = open();
		shard.take(outcomes(6, 4), 0);
		shard.take(outcomes(0, 2), 0);
		expect(shard.isDone).toBe(false);
		shard.take(outcomes(2, 4), 0);
		expect(shard.isDone).toBe(true);
		expect(indexes(shard.whole().outcomes)).toEqual([...Array(COUNT).keys()]);
	});

	it("tries failed items again after a while, and their last outcome counts", () => {
		const shard = open();
		for (let cut = shard.next(5, MANY, 0); cut; ) cut = shard.next(5, MANY, 0);
		shard.take(outcomes(0, COUNT, [3, 4, 9]), 0);
		expect(shard.isDone).toBe(false);
		expect(shard.hasRun).toBe(true);
		expect(shard.dueAt).toBeGreaterThan(999);
		expect(shard.next(5, MANY, 999)).toBeUndefined();
		const again = shard.next(5, MANY, 5000);
		expect(again).toMatchObject({ firstIndex: 3, count: 2 });
		expect(shard.next(5, MANY, 5000)).toMatchObject({
			firstIndex: 9,
			count: 1,
		});
		shard.take(outcomes(9, 1), 5000);
		shard.take(outcomes(3, 2, [4]), 5000);
		const done = shard.whole();
		expect(indexes(done.outcomes)).toEqual([...Array(COUNT).keys()]);
		expect(done).toMatchObject({ succeeded: 9, failed: 1, rest: undefined });
		expect(Buffer.concat([...done.failures()]).toString()).toBe(
			'{"index":4,"input":{"i":4},"error":{"message":"no","error_type":"AlgorithmError"}}\n',
		);
	});

	it.each(["InputError", "ParsingError", "TooLargeError", "UnsupportedError"])(
		"does not try an item again that has failed with %s",
		(type) => {
			const shard = open();
			shard.take(outcomes(0, COUNT, [3], type), 0);
			expect(shard.isDone).toBe(true);
			expect(shard.failed).toBe(1);
		},
	);

	it("gives away again what came back without an outcome, and nothing else", () => {
		const shard = open();
		for (let cut = shard.next(5, MANY, 0); cut; ) cut = shard.next(5, MANY, 0);
		shard.take(outcomes(2, 3, [4]), 0);
		shard.takeBack();
		const given: number[] = [];
		for (;;) {
			const cut = shard.next(3, MANY, 0);
			if (!cut) break;
			for (let i = 0; i < cut.count; i++) given.push(cut.firstIndex + i);
		}
		expect(given).toEqual([0, 1, 5, 6, 7, 8, 9]);
	});
});

describe("a part of a shard", () => {
	it("is what is done up to the end of a cut; the rest goes on", () => {
		const shard = open();
		shard.take(outcomes(0, 6, [1], "InputError"), 0);
		const parts = shard.part(7);
		if (!parts) throw new Error("no part");
		const { done, rest } = parts;
		expect(indexes(done.outcomes)).toEqual([0, 1, 2, 3]);
		expect(done).toMatchObject({ succeeded: 3, failed: 1 });
		expect(done.rest).toMatchObject({ firstIndex: 4, count: 6, endByte: 1000 });
		expect(rest.shard).toMatchObject({ firstIndex: 4, claims: 1 });
		expect(rest.failed).toBe(0);
		rest.take(outcomes(6, 4), 0);
		expect(rest.isDone).toBe(true);
		expect(indexes(rest.whole().outcomes)).toEqual([4, 5, 6, 7, 8, 9]);
	});

	it("is none before the first cut is done, or where outcomes are stored already", () => {
		const shard = open();
		shard.take(outcomes(1, 9), 0);
		expect(shard.part(0)).toBeUndefined();
		const again = open({ stored: 1 });
		again.take(outcomes(0, 8), 0);
		expect(again.part(0)).toBeUndefined();
	});
});
