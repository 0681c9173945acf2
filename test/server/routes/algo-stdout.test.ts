import { describe, expect, it } from "vitest";
import { LANGUAGES } from "../../support/languages.ts";
import { shareServer } from "../support.ts";

describe.each(LANGUAGES)("in $language", ({ algorithms }) => {
	const server = shareServer({ algorithms });

	describe("stdout", () => {
		it.each(["true", "True", "TRUE", "1"])(
			"=%s gives what was printed to stdout and stderr, in order",
			async (stdout) => {
				const { body } = await server.call(`Print?stdout=${stdout}`, {
					lines: ["one", "two", "", "Grüße, 世界"],
				});
				expect(body.metadata.stdout).toBe("one\ntwo\n\nGrüße, 世界\n");
				expect(body.result).toBe("printed");
			},
		);

		it('is "" when nothing was printed', async () => {
			const { body } = await server.call("Print?stdout=true", {});
			expect(body.metadata.stdout).toBe("");
		});

		it.each(["", "?stdout=false", "?stdout=False", "?stdout=0", "?stdout="])(
			"is absent with %j",
			async (query) => {
				const { body } = await server.call(`Print${query}`, { lines: ["x"] });
				expect(body.metadata).not.toHaveProperty("stdout");
			},
		);

		it("holds what was printed later in the same call", async () => {
			const { body } = await server.call("Print?stdout=true", {
				lines: ["now"],
				later: ["later"],
			});
			expect(body.metadata.stdout).toBe("now\nlater\n");
		});

		it("is of this call alone", async () => {
			await server.call("Print", { lines: ["of another call"] });
			const { body } = await server.call("Print?stdout=true", {
				lines: ["own"],
			});
			expect(body.metadata.stdout).toBe("own\n");
		});

		it("is given with an error too", async () => {
			const { body } = await server.call("Print?stdout=true", {
				lines: ["before"],
				fail: true,
			});
			expect(body.error.message).toBe("after printing");
			expect(body.metadata.stdout).toBe("before\n");
		});

		it("is a text with a timeout too", async () => {
			const { body } = await server.call("Print?stdout=true&timeout=0.3", {
				lines: ["before"],
				forever: true,
			});
			expect(body.error.error_type).toBe("TimeoutError");
			expect(body.metadata.stdout).toEqual(expect.any(String));
		});

		it("is kept to its last 64 KiB, with a line and an alert that say so", async () => {
			const lines = ["first", "x".repeat(100_000), "last"];
			const { body } = await server.call("Print?stdout=true", { lines });
			const { stdout, alerts } = body.metadata;
			const omitted = "first\n".length + 100_001 + "last\n".length - 65_536;
			expect(stdout).toBe(
				`[stdout truncated: ${omitted} bytes omitted]\n${"x".repeat(65_530)}\nlast\n`,
			);
			expect(alerts).toEqual([`stdout truncated: ${omitted} bytes omitted`]);
		});

		it("begins with what was printed while loading, for the first call", async () => {
			const path = "PrintsWhileLoading?stdout=true";
			const first = await server.call(path, 1);
			expect(first.body.result).toBe("done");
			const second = await server.call(path, 1);
			expect(second.body.metadata.stdout).toBe("applying\n");
			expect(first.body.metadata.stdout).toBe("importing\nloading\napplying\n");
		});
	});
});
