import { describe, expect, it } from "vitest";
import { LANGUAGES } from "../../support/languages.ts";
import { shareServer } from "../support.ts";

describe.each(LANGUAGES)(
	"a version with schemas, in $language",
	({ algorithms }) => {
		const server = shareServer({ algorithms });

		it("runs an input that fits", async () => {
			const { body } = await server.call("Typed", {
				rows: [{ n: 1 }, { n: 2 }],
			});
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
	},
);
