import { describe, expect, it } from "vitest";
import { compileSchema } from "../../../../src/workers/node/schema.js";
import { shareServer } from "../../../server/support.ts";

const server = shareServer();

describe("a version with schemas", () => {
	it("runs an input that fits", async () => {
		const { body } = await server.call("Typed", { rows: [{ n: 1 }, { n: 2 }] });
		expect(body.result).toEqual({ sums: [2, 3] });
	});

	it.each([
		[{ rows: [{ n: 1 }, { n: "2" }] }, "input at /rows/1/n must be number"],
		[{ rows: [{}] }, "input at /rows/0 must have required property 'n'"],
		[{}, "input must have required property 'rows'"],
		["text", "input must be object"],
		[null, "input must be object"],
		[{ rows: [], colour: 1 }, "colour"],
	])(
		"refuses %j as an InputError that names the place: %s",
		async (input, message) => {
			const { status, body } = await server.call("Typed", input);
			expect(status).toBe(200);
			expect(body.error.error_type).toBe("InputError");
			expect(body.error.message).toContain(message);
			expect(body.error).not.toHaveProperty("stacktrace");
			expect(body.metadata.duration).toBeGreaterThan(0);
		},
	);

	it("answers a result that does not fit as an AlgorithmError that names the place", async () => {
		const { status, body } = await server.call("Typed", {
			rows: [],
			wrong: true,
		});
		expect(status).toBe(200);
		expect(body.error).toEqual({
			message: "output at /sums/1 must be number",
			error_type: "AlgorithmError",
		});
	});
});

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
