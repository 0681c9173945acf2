import { expect, test } from "vitest";
import { sortInTurns } from "../../../../../src/data/drivers/fs/sort.ts";

test.each([0, 1, 2, 8192, 8193, 50_001])(
	"%i names are sorted as in one go",
	async (count) => {
		const names = Array.from(
			{ length: count },
			(_, n) => `name-${(n * 7919) % 30_011}`,
		);
		const expected = [...names].sort();
		expect(await sortInTurns(names)).toEqual(expected);
	},
);

test("others have their turn while a long list is sorted", async () => {
	const names = Array.from({ length: 200_000 }, (_, n) => String(n));
	let turns = 0;
	const timer = setInterval(() => turns++, 0);
	await sortInTurns(names);
	clearInterval(timer);
	expect(turns).toBeGreaterThan(2);
});
