import { describe, expect, it } from "vitest";
import { compileSchema } from "../../../../src/workers/node/schema.js";

describe("a schema", () => {
	it("that is absent lets everything pass", async () => {
		const check = await compileSchema(undefined, "input");
		expect(() => check(Symbol("anything"))).not.toThrow();
	});

	it("may be a plain true or false", async () => {
		expect(() => compileSchema(true, "input")).not.toThrow();
		const none = await compileSchema(false, "output");
		expect(() => none(1)).toThrow("output");
	});

	it("is of the 2020-12 dialect", async () => {
		const check = await compileSchema(
			{ prefixItems: [{ type: "string" }, { type: "number" }], items: false },
			"input",
		);
		expect(() => check(["a", 1])).not.toThrow();
		expect(() => check([1, "a"])).toThrow("input at /0 must be string");
		expect(() => check(["a", 1, 2])).toThrow("must NOT have more than 2 items");
	});

	it("that is none is a LoadingError that says which", async () => {
		await expect(compileSchema({ type: "strnig" }, "output")).rejects.toThrow(
			expect.objectContaining({
				error_type: "LoadingError",
				message: expect.stringContaining(
					"algorithm.json: output is no JSON Schema",
				),
			}),
		);
	});
});
