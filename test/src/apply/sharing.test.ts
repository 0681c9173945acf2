import { describe, expect, it } from "vitest";
import { freshPath } from "../../attack/support.ts";
import { listCaller, startsIn, times } from "../../server/routes/lists.ts";
import { shareServer } from "../../server/support.ts";
import { LANGUAGES } from "../../support/languages.ts";

describe.each(LANGUAGES)(
	"the work of a parallel list, in $language",
	({ algorithms }) => {
		const server = shareServer({ algorithms, maxWorkers: 2 });
		const call = listCaller(server);

		/** Two workers are there, and items are known to be short. */
		const warm = async () => {
			const file = await freshPath("names");
			await call(
				"Items?batch=parallel",
				times(8, () => ({ do: "meet", file })),
			);
			for (let i = 0; i < 3; i++)
				await call("Items?batch=parallel", times(3000, String));
		};

		it("is taken by others while one is slow: the first item ends when the last has begun", async () => {
			await warm();
			const starts = await freshPath("starts");
			const last = await freshPath("last");
			const { metadata } = await call("Items?batch=parallel", [
				{ do: "until", file: last },
				...times(500, (id) => ({ starts, id })),
				{ starts: last, id: "last" },
			]);
			expect(metadata.items.succeeded).toBe(502);
			expect(startsIn(starts)).toHaveLength(500);
		});

		it("that is in one slice is split when another worker has none", async () => {
			await warm();
			const file = await freshPath("names");
			// So few and so short that they leave together; each waits until there is another worker.
			const { result } = await call(
				"Items?batch=parallel",
				times(30, () => ({ do: "meet", file })),
			);
			expect(new Set(result).size).toBe(2);
		});

		it("is counted once, however often it is split", async () => {
			await warm();
			const starts = await freshPath("starts");
			const items = times(300, (id) => ({
				do: "spin",
				ms: id % 50 === 7 ? 40 : 0,
				starts,
				id,
			}));
			const { result, metadata } = await call("Items?batch=parallel", items);
			expect(metadata.items).toEqual({
				total: 300,
				succeeded: 300,
				failed: 0,
			});
			expect(result).toHaveLength(300);
			expect(
				startsIn(starts)
					.map(Number)
					.sort((a, b) => a - b),
			).toEqual(times(300, (id) => id));
		});
	},
);
