import { expect, it } from "vitest";
import { Breakdown } from "../../../../src/listeners/dispatch/breakdown.ts";
import { Trouble } from "../../../../src/listeners/dispatch/trouble.ts";

it("holds the algorithm up until a message could be run", async () => {
	const tried = Promise.withResolvers<void>();
	const trouble = new Trouble(() => {});
	const breakdown = new Breakdown(trouble, tried.resolve);
	expect(breakdown.allows(5)).toBe(5);
	breakdown.begin("it is missing");
	expect(breakdown.allows(5)).toBe(0);
	expect(trouble.reason).toBe("it is missing");
	await tried.promise;
	expect(breakdown.allows(5)).toBe(1);
	breakdown.end();
	expect(breakdown.allows(5)).toBe(5);
	expect(trouble.reason).toBeUndefined();
});

it("lets one message be tried when it says that it is time, also if the clock does not say so yet", async () => {
	// A timer counts whole milliseconds, and may fire up to one before its time, depending on when in one it began.
	const allowed = await Promise.all(
		Array.from({ length: 40 }, () => {
			const begin = performance.now() + 0.1;
			while (performance.now() < begin);
			return new Promise<number>((resolve) => {
				const breakdown: Breakdown = new Breakdown(new Trouble(() => {}), () =>
					resolve(breakdown.allows(5)),
				);
				breakdown.begin("it is missing");
			});
		}),
	);
	expect(allowed).toEqual(Array(40).fill(1));
});
