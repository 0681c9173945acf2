import { expect, it } from "vitest";
import { Together } from "../../../src/store/together.ts";

it("works that come together are done together, each with its own end", async () => {
	const groups: number[] = [];
	const together = new Together(async (works) => {
		groups.push(works.length);
		for (const work of works) {
			work.run();
			work.resolve();
		}
	});
	const results = await Promise.all(
		[1, 2, 3].map((n) => together.add(() => n)),
	);
	expect(results).toEqual([1, 2, 3]);
	expect(await together.add(() => 4)).toBe(4);
	expect(groups).toEqual([3, 1]);
});

it("if they cannot be done, all of them are told, and later ones are not held up", async () => {
	let isFull = true;
	const together = new Together(async (works) => {
		if (isFull) throw new Error("full");
		for (const work of works) {
			work.run();
			work.resolve();
		}
	});
	const told = await Promise.allSettled(
		[1, 2].map((n) => together.add(() => n)),
	);
	expect(told.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
	isFull = false;
	expect(await together.add(() => 3)).toBe(3);
});
