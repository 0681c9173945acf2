import { afterEach, describe, expect, it } from "vitest";
import type { Load } from "../../../../src/protocol/messages.ts";
import { Form, SliceFlag } from "../../../../src/protocol/slice-frames.js";
import { DirectWorker, failure, numbers } from "./direct.ts";

const WITH_ID = {
	form: Form.LINES,
	flags: SliceFlag.AS_LINES | SliceFlag.ECHO_ID,
};
const { SINGLY } = SliceFlag;

describe("a slice of a Python module with apply_batch", () => {
	let worker: DirectWorker;
	const start = async (name: string, options: Partial<Load> = {}) => {
		worker = await DirectWorker.start(`slices/${name}/1.0.0`, {
			maxBatchItems: 4,
			...options,
		});
	};
	const results = async (...sent: Parameters<DirectWorker["run"]>) =>
		(await worker.run(...sent)).map((text) => {
			const result = JSON.parse(text.replace(/,$/, ""));
			return result?.message ?? result;
		});
	afterEach(() => worker.close());

	it("goes there in groups, with what has loaded", async () => {
		await start("Batch");
		expect(worker.ready?.isBatch).toBe(true);
		expect(await results(numbers(6))).toEqual([
			...[0, 1, 2, 3].map((n) => [n, 4, "loaded"]),
			[4, 2, "loaded"],
			[5, 2, "loaded"],
		]);
		expect(await results([7, 8], { flags: SINGLY })).toEqual([
			[7, "alone", "loaded"],
			[8, "alone", "loaded"],
		]);
	});

	it("has items that are none told apart, and the others still go together", async () => {
		await start("Batch", { inputSchema: { not: { const: "no" } } });
		const texts = await worker.run(["1", '"no"', "{", "2"], WITH_ID);
		expect(texts.map((text) => JSON.parse(text))).toMatchObject([
			{ index: 0, result: [1, 2, "loaded"] },
			{ index: 1, error: { error_type: "InputError" } },
			{ index: 2, error: { error_type: "ParsingError" } },
			{ index: 3, result: [2, 2, "loaded"] },
		]);
		expect(await results(["no"])).toEqual(["input must NOT be valid"]);
	});

	it("has a group that throws run again one by one", async () => {
		await start("Batch");
		expect(await results([1, "throw", "poison", 2, 3])).toEqual([
			[1, "alone", "loaded"],
			["throw", "alone", "loaded"],
			"alone too",
			[2, "alone", "loaded"],
			[3, 1, "loaded"],
		]);
		expect(await results(["throw"], { flags: SINGLY })).toEqual([
			["throw", "alone", "loaded"],
		]);
	});

	it("has one that throws run again in batches of one if there is no apply", async () => {
		await start("BatchOnly");
		expect(await results([1, "throw", "bad", 2])).toEqual([
			[1, 1, 2],
			"with 1",
			"returned",
			[2, 1, 5],
		]);
		expect(await results(["throw"])).toEqual(["with 1"]);
		expect(await results([3])).toEqual([[3, 1, 7]]);
	});

	it("fails the item that an exception or no JSON stands for, and no other", async () => {
		await start("Batch");
		expect(await results([1, "bad", "set", 2])).toEqual([
			[1, 4, "loaded"],
			"'bad one'",
			"the result cannot be written as JSON: a set at its top",
			[2, 4, "loaded"],
		]);
	});

	it.each([
		["fewer", "apply_batch answered 3 results for 4 inputs"],
		[
			"generator",
			"apply_batch answered a generator; return a list with a result for each input",
		],
		[
			"text",
			"apply_batch answered a str; return a list with a result for each input",
		],
	])(
		"fails each item of a group whose results cannot be told to them: %s",
		async (what, message) => {
			await start("Batch");
			expect(await results([1, 2, what, 3, 4])).toEqual([
				...Array(4).fill(message),
				[4, 1, "loaded"],
			]);
			expect(worker.outcomes[0]?.[0]?.text).toBe(failure(message));
		},
	);

	it("awaits coroutines", async () => {
		await start("BatchAsync");
		expect(await results(numbers(5))).toEqual([0, 10, 20, 30, 40]);
	});

	it("is copied with what has loaded where workers may be", async () => {
		await start("Batch", { fork: true });
		expect(await results([1])).toEqual([[1, 1, "loaded"]]);
	});
});
