import { expect, it } from "vitest";
import { Recent } from "../../../../src/listeners/dispatch/recent.ts";

it("keeps at least as many entries as it was told, and no more than twice as many", () => {
	const recent = new Recent<number>(100);
	for (let i = 0; i < 1050; i++) recent.set(`id-${i}`, i);
	const kept = Array.from({ length: 1050 }, (_, i) =>
		recent.get(`id-${i}`),
	).filter((value) => value !== undefined);
	expect(kept).toEqual(Array.from({ length: 150 }, (_, i) => 900 + i));
});

it("forgets what is deleted, old or young", () => {
	const recent = new Recent<number>(2);
	recent.set("old", 1);
	recent.set("other", 2);
	recent.set("young", 3);
	recent.delete("old");
	recent.delete("young");
	expect(["old", "other", "young"].map((id) => recent.get(id))).toEqual([
		undefined,
		2,
		undefined,
	]);
});

it("has the newest value of an id that was put there twice", () => {
	const recent = new Recent<number>(2);
	for (const value of [1, 2, 3]) {
		recent.set("id", value);
		recent.set(`other-${value}`, value);
	}
	expect(recent.get("id")).toBe(3);
});
