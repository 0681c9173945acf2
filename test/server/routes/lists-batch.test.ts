import { describe, expect, it } from "vitest";
import { freshPath } from "../../attack/support.ts";
import { LANGUAGES } from "../../support/languages.ts";
import { shareServer } from "../support.ts";
import { failures, listCaller, startsIn, times } from "./lists.ts";

const togetherIn = (result: unknown[]) =>
	(result as ({ together: number } | null)[]).map((one) => one?.together);

describe.each(LANGUAGES)(
	"a list for applyBatch, in $language",
	({ language, algorithms }) => {
		const server = shareServer({ algorithms, maxWorkers: 2 });
		const call = listCaller(server);
		const NAME = language === "Python" ? "apply_batch" : "applyBatch";

		it("goes there in slices of at most maxBatchItems", async () => {
			for (const path of ["Batch", "BatchOnly"]) {
				const { result } = await call(`${path}?batch=serial`, times(8, String));
				expect(togetherIn(result)).toEqual([3, 3, 3, 3, 3, 3, 2, 2]);
				expect(result).toEqual(
					times(8, (n) => ({ input: String(n), together: n < 6 ? 3 : 2 })),
				);
			}
			const { result } = await call("Batch?batch=parallel", times(100, String));
			expect(Math.max(...(togetherIn(result) as number[]))).toBe(3);
			expect(Math.min(...(togetherIn(result) as number[]))).toBeGreaterThan(0);
		});

		it("fails where an error stands in the place of a result", async () => {
			const { result, metadata } = await call("Batch?batch=serial", [
				"a",
				"error",
				"b",
			]);
			expect(togetherIn(result)).toEqual([3, undefined, 3]);
			expect(metadata.errors).toEqual([
				{ index: 1, message: "in its place", error_type: "AlgorithmError" },
			]);
		});

		it.each([
			["fewer", "answered 2 results for 3 inputs"],
			["more", "answered 4 results for 3 inputs"],
		])(
			"that answers %s results fails that slice by name",
			async (what, text) => {
				for (const path of ["Batch", "BatchOnly"]) {
					const answer = await call(`${path}?batch=serial`, [
						"a",
						what,
						"b",
						"good",
					]);
					expect(answer.metadata.errors).toEqual(
						times(3, (index) => ({
							index,
							message: `${NAME} ${text}`,
							error_type: "AlgorithmError",
						})),
					);
					expect(togetherIn(answer.result)).toEqual([
						undefined,
						undefined,
						undefined,
						1,
					]);
				}
			},
		);

		it("that answers no list fails that slice by name", async () => {
			const answer = await call("Batch?batch=serial", ["a", "nothing"]);
			expect(answer.metadata.errors?.[0]?.message).toMatch(
				new RegExp(`^${NAME} answered (no array|a NoneType)`),
			);
			expect(failures(answer)).toHaveLength(2);
		});

		it("that throws has its slice run one by one, by apply", async () => {
			const { result, metadata } = await call("Batch?batch=serial", [
				...["a", "throw", "b"],
				...["c", "d"],
			]);
			expect(togetherIn(result)).toEqual([0, undefined, 0, 2, 2]);
			expect(metadata.errors).toEqual([
				{ index: 1, message: "alone", error_type: "AlgorithmError" },
			]);
		});

		it("that throws has its slice run one by one, without apply too", async () => {
			const { result, metadata } = await call("BatchOnly?batch=serial", [
				...["a", "throw", "b"],
				"c",
			]);
			expect(togetherIn(result)).toEqual([1, undefined, 1, 1]);
			expect(metadata.errors).toEqual([
				{ index: 1, message: "the whole slice", error_type: "AlgorithmError" },
			]);
		});

		it.each(["Batch", "BatchOnly"])(
			"that ends its worker costs the item that does it: %s",
			async (path) => {
				const items = [...times(4, String), "exit", ...times(4, String)];
				const serial = await call(`${path}?batch=serial`, items);
				// With apply, that item harms nobody when it is alone.
				expect(failures(serial)).toEqual(
					path === "Batch" ? [] : [[4, "SystemExit"]],
				);
				const parallel = await call(`${path}?batch=parallel`, items);
				for (const failure of failures(parallel))
					expect(failure).toEqual([4, "SystemExit"]);
				expect(parallel.metadata.items.total).toBe(9);
			},
		);

		it("that hangs costs the item that does it, with itemTimeout", async () => {
			const answer = await call("BatchOnly?itemTimeout=0.2&batch=serial", [
				"a",
				"hang",
				"b",
				"c",
			]);
			expect(failures(answer)).toEqual([[1, "TimeoutError"]]);
		});

		it("gets a single input as a slice of one if there is no apply", async () => {
			const { result, metadata } = await call("BatchOnly", '"one"');
			expect(result).toEqual({ input: "one", together: 1 });
			expect(metadata).not.toHaveProperty("items");
			expect((await call("Batch", '"one"')).result).toEqual({
				input: "one",
				together: 0,
			});
			const { error } = await call("BatchOnly", '"fewer"');
			expect(error.message).toContain(`${NAME} answered 0 results for 1 input`);
		});

		it("gets the whole list as one input with batch=native", async () => {
			const { result } = await call("BatchOnly?batch=native", ["a", "b"]);
			expect(result).toEqual({ input: ["a", "b"], together: 1 });
		});
	},
);

describe("a list for applyBatch, in JavaScript", () => {
	const server = shareServer({ maxWorkers: 2 });
	const call = listCaller(server);

	it("whose slice throws where nobody catches it is run one by one, once", async () => {
		const starts = await freshPath("starts");
		const items = ["a", "stray", "b", "c"].map((what, id) => ({
			what,
			starts,
			id,
		}));
		const answer = await call("BatchOnly?batch=serial&timeout=10", items);
		expect(failures(answer)).toEqual([[1, "AlgorithmError"]]);
		expect(answer.metadata.errors?.[0]?.message).toBe("nobody catches this");
		expect(startsIn(starts)).toEqual([
			...["0 in 3", "1 in 3", "2 in 3"],
			...["0 in 1", "1 in 1"],
			...["2 in 2", "3 in 2"],
		]);
	});

	it("whose slices are slow shares them, and none runs twice", async () => {
		const starts = await freshPath("starts");
		const items = times(60, (id) => ({ ms: 60, starts, id }));
		const { metadata } = await call("Batch?batch=parallel", items);
		expect(metadata.items.succeeded).toBe(60);
		expect(
			startsIn(starts)
				.map((line) => Number.parseInt(line, 10))
				.sort((a, b) => a - b),
		).toEqual(times(60, (id) => id));
	});
});
