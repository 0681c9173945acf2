import { describe, expect, it } from "vitest";
import { shareServer } from "../../../server/support.ts";
import { PYTHON_FIXTURES } from "../../../support/languages.ts";

const server = shareServer({ algorithms: [PYTHON_FIXTURES] });

const call = async (path: string, items: unknown[]) =>
	(await server.post(`/v1/algo/${path}`, JSON.stringify(items))).body;

describe("a list on Python workers", () => {
	it.each(["serial", "parallel"])(
		"that is run %s loses only the items that end their worker",
		async (batch) => {
			const deadly = ["exit", "kill", "fault", "quit"];
			const items = Array.from({ length: 400 }, (_, i) =>
				i % 90 === 50 ? { do: deadly[(i - 50) / 90] } : i,
			);
			const { result, metadata } = await call(
				`slices/Items?batch=${batch}`,
				items,
			);
			expect(result).toEqual(
				items.map((item) => (typeof item === "number" ? item : null)),
			);
			expect(metadata.items).toEqual({ total: 400, succeeded: 396, failed: 4 });
			expect(metadata.errors).toMatchObject(
				[50, 140, 230, 320].map((index) => ({
					index,
					error_type: "SystemExit",
				})),
			);
		},
	);

	it("loses only the item whose time is up", async () => {
		const items = [1, 2, { do: "spin", ms: 60_000 }, 3, 4];
		const { result, metadata } = await call(
			"slices/Items?batch=serial&itemTimeout=1",
			items,
		);
		expect(result).toEqual([1, 2, null, 3, 4]);
		expect(metadata.errors).toMatchObject([
			{ index: 2, error_type: "TimeoutError" },
		]);
	});

	it("goes to apply_batch in groups if the module has one", async () => {
		const items = [1, "bad", 2, 3];
		const { result, metadata } = await call("slices/Batch?batch=serial", items);
		expect(result.filter(Boolean).map(([value]: [unknown]) => value)).toEqual([
			1, 2, 3,
		]);
		expect(metadata.errors).toEqual([
			{ index: 1, message: "'bad one'", error_type: "AlgorithmError" },
		]);
	});
});
