import { describe, expect, it } from "vitest";
import { Admission } from "../../../src/limits/admission.ts";

describe("an account", () => {
	it("may have so many calls open, and one more is refused with a time to retry", () => {
		const admission = new Admission(2);
		admission.enter("ada");
		admission.enter("ada");
		expect(() => admission.enter("ada")).toThrow(
			expect.objectContaining({
				code: "TOO_MANY_SESSIONS",
				retryAfterSeconds: 1,
				message: expect.stringMatching(/account ada has 2 .* limit is 2/),
			}),
		);
		expect(admission.total).toBe(2);
	});

	it("may open another once one has ended", () => {
		const admission = new Admission(1);
		admission.enter("ada");
		expect(() => admission.enter("ada")).toThrow();
		admission.leave("ada");
		expect(admission.total).toBe(0);
		admission.enter("ada");
		expect(admission.total).toBe(1);
	});

	it("does not take another's place", () => {
		const admission = new Admission(1);
		admission.enter("ada");
		admission.enter("bob");
		expect(admission.total).toBe(2);
		expect(() => admission.enter("ada")).toThrow("account ada");
		admission.leave("bob");
		expect(() => admission.enter("ada")).toThrow("account ada");
	});

	it("may have any name", () => {
		const admission = new Admission(1);
		for (const name of ["__proto__", "constructor", "toString"])
			admission.enter(name);
		expect(admission.total).toBe(3);
	});
});
