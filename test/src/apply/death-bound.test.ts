import { describe, expect, it } from "vitest";
import { DeathBound } from "../../../src/apply/death-bound.ts";
import { exited } from "../../../src/errors.ts";

/** @returns the verdict behind so many deaths with so many survivors before each, if there is one */
function die(bound: DeathBound, deaths: number, survivors: number) {
	for (let i = 0; i < deaths; i++) {
		if (survivors > 0) bound.survived(survivors);
		const verdict = bound.died(exited(3));
		if (verdict) return { after: i + 1, message: verdict.message };
	}
	return undefined;
}

describe("a list whose items end their workers", () => {
	it("is given up after ten in a row", () => {
		expect(die(new DeathBound(), 20, 0)).toEqual({
			after: 10,
			message:
				"not run: 10 items in a row have ended their worker, the last with: exited with code 3",
		});
	});

	it("is given up after a hundred, if those are more than one in ten", () => {
		expect(die(new DeathBound(), 200, 8)).toEqual({
			after: 100,
			message:
				"not run: 100 items have ended their worker, the last with: exited with code 3",
		});
	});

	it("is not given up for any number that is less than that", () => {
		expect(die(new DeathBound(), 100_000, 9)).toBeUndefined();
	});
});
