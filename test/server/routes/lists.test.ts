import { describe, expect, it } from "vitest";
import { freshPath } from "../../attack/support.ts";
import { LANGUAGES } from "../../support/languages.ts";
import { shareServer } from "../support.ts";
import { failures, listCaller, times } from "./lists.ts";

const MIXED = [1, { do: "throw" }, "two", { do: "typed" }, [3]];

describe.each(LANGUAGES)("a list, in $language", ({ language, algorithms }) => {
	const server = shareServer({ algorithms });
	const call = listCaller(server);

	it.each(["serial", "parallel"])(
		"has its results in its order, with batch=%s",
		async (batch) => {
			const items = times(5000, (n) => ({ n, text: `[${n}],"{` }));
			const { status, result, metadata } = await call(
				`Items/1.0.0?batch=${batch}`,
				items,
			);
			expect(status).toBe(200);
			expect(result).toEqual(items);
			expect(metadata).toEqual({
				content_type: "json",
				items: { total: 5000, succeeded: 5000, failed: 0 },
				duration: expect.any(Number),
				request_id: expect.any(String),
			});
			expect(metadata.duration).toBeGreaterThan(0);
		},
	);

	it.each(["serial", "parallel"])(
		"has null where an item failed, and says why, with batch=%s",
		async (batch) => {
			const { result, metadata } = await call(
				`Items/1.0.0?batch=${batch}`,
				MIXED,
			);
			expect(result).toEqual([1, null, "two", null, [3]]);
			expect(metadata.items).toEqual({ total: 5, succeeded: 3, failed: 2 });
			expect(metadata.errors).toEqual([
				{
					index: 1,
					message: "as asked",
					error_type: "AlgorithmError",
				},
				{ index: 3, message: "as asked", error_type: "OwnError" },
			]);
		},
	);

	it("may fail as a whole, item by item", async () => {
		const answer = await call(
			"Items",
			times(3, () => ({ do: "throw" })),
		);
		expect(answer.result).toEqual([null, null, null]);
		expect(answer.metadata.items).toEqual({
			total: 3,
			succeeded: 0,
			failed: 3,
		});
		expect(answer).not.toHaveProperty("error");
	});

	it("may be empty", async () => {
		for (const body of ["[]", " [ \n ] "]) {
			const { result, metadata } = await call("Items", body);
			expect(result).toEqual([]);
			expect(metadata).toMatchObject({
				content_type: "json",
				items: { total: 0, succeeded: 0, failed: 0 },
			});
			expect(metadata.duration).toBeGreaterThan(0);
		}
	});

	it("may have one item", async () => {
		expect((await call("Items", [7])).result).toEqual([7]);
		expect(failures(await call("Items", [{ do: "throw" }]))).toEqual([
			[0, "AlgorithmError"],
		]);
	});

	it("holds texts, bytes and nothing as an envelope would", async () => {
		const { result, metadata } = await call(
			"Items",
			["text", "bytes", "void"].map((what) => ({ do: what })),
		);
		expect(result).toEqual(["Grüße", "AP8=", null]);
		expect(metadata.items.succeeded).toBe(3);
	});

	it("names the place in a result that is no JSON", async () => {
		const { metadata } = await call("Items", [1, { do: "nan" }]);
		expect(metadata.errors).toEqual([
			{
				index: 1,
				message: expect.stringMatching(/(NaN|nan) at \/n\/0$/),
				error_type: "AlgorithmError",
			},
		]);
	});

	describe("by its version's manifest", () => {
		it("is a list with batch items, one input without", async () => {
			expect((await call("Items/3.0.0", MIXED)).metadata.items.total).toBe(5);
			expect((await call("Items/1.0.0", [1, 2])).metadata).not.toHaveProperty(
				"items",
			);
		});

		it("and batch=native it is one input, untouched", async () => {
			const answer = await server.post(
				"/v1/algo/lists/Items?batch=native",
				"[1.0,12345678901234567890]",
			);
			expect(answer.text).toContain('"result":[1.0,12345678901234567890],');
			expect(answer.body.metadata).not.toHaveProperty("items");
		});

		it("other inputs than arrays are single ones", async () => {
			for (const input of [{ n: 1 }, "text", 5, null]) {
				const { result, metadata } = await call("Items", JSON.stringify(input));
				expect(result).toEqual(input);
				expect(metadata).not.toHaveProperty("items");
			}
			const text = await server.post("/v1/algo/lists/Items", "[1,2]", {
				"Content-Type": "text/plain",
			});
			expect(text.body.result).toBe("[1,2]");
		});

		it("runs on one worker with fanOut serial, on several without", async () => {
			await runsOnOne("Items/2.0.0");
			await runsOnSeveral("Items/3.0.0");
		});

		it("and what the call says counts more", async () => {
			await runsOnSeveral("Items/2.0.0?batch=parallel");
			await runsOnOne("Items/3.0.0?batch=serial");
		});

		async function runsOnOne(path: string) {
			const { result } = await call(
				path,
				times(30, () => ({ do: "spin", ms: 10 })),
			);
			expect(new Set(result).size).toBe(1);
		}

		/** Each item waits until there is another worker. */
		async function runsOnSeveral(path: string) {
			const file = await freshPath("names");
			const { result } = await call(
				path,
				times(8, () => ({ do: "meet", file })),
			);
			expect(new Set(result).size).toBeGreaterThan(1);
		}
	});

	describe("with onError=fail", () => {
		it.each(["serial", "parallel"])(
			"and batch=%s the first failure is the call's error",
			async (batch) => {
				const { status, error, metadata } = await call(
					`Items?onError=fail&batch=${batch}`,
					[1, { do: "typed" }, 2],
				);
				expect(status).toBe(200);
				expect(error).toEqual({
					message: "as asked",
					error_type: "OwnError",
				});
				expect(metadata.duration).toBeGreaterThan(0);
			},
		);

		it("is answered as ever without a failure", async () => {
			const { result } = await call("Items?onError=fail", [1, 2]);
			expect(result).toEqual([1, 2]);
		});
	});

	describe("with output=raw", () => {
		it("is a bare array", async () => {
			const answer = await server.post(
				"/v1/algo/lists/Items?output=raw",
				JSON.stringify(MIXED),
			);
			expect(answer.status).toBe(200);
			expect(answer.headers["content-type"]).toMatch(/^application\/json/);
			expect(answer.text).toBe('[1,null,"two",null,[3]]');
			expect(Number(answer.headers["x-algorithmia-duration"])).toBeGreaterThan(
				0,
			);
		});

		it("and onError=fail a failure has a status", async () => {
			const answer = await server.post(
				"/v1/algo/lists/Items?output=raw&onError=fail",
				JSON.stringify(MIXED),
			);
			expect(answer.status).toBe(400);
			expect(answer.headers["x-error-message"]).toBe("as asked");
		});
	});

	it("with output=void is accepted at once", async () => {
		const { body } = await server.post(
			"/v1/algo/lists/Items?output=void",
			"[1,2]",
		);
		expect(body).toEqual({ async: "void", request_id: expect.any(String) });
	});

	describe("with stdout=true", () => {
		it.each(["serial", "parallel"])(
			"and batch=%s has what all items printed, in their order",
			async (batch) => {
				const items = times(300, (n) => ({ do: "print", text: `line ${n}` }));
				const { metadata } = await call(
					`Items?stdout=true&batch=${batch}`,
					items,
				);
				expect(metadata.stdout).toBe(times(300, (n) => `line ${n}\n`).join(""));
			},
		);

		it('has "" if nothing was printed', async () => {
			const { metadata } = await call("Items?stdout=true", [1]);
			expect(metadata.stdout).toBe("");
		});

		it("has it with an error too", async () => {
			const { metadata } = await call(
				"Items?stdout=true&onError=fail&batch=serial",
				[{ do: "print", text: "before" }, { do: "throw" }],
			);
			expect(metadata.stdout).toBe("before\n");
		});

		it.each(["serial", "parallel"])(
			"and batch=%s keeps the last 64 KiB, and says what was left out",
			async (batch) => {
				const items = [
					...times(3, () => ({ do: "print", text: "", large: 50_000 })),
					{ do: "print", text: "last" },
				];
				const { stdout = "", alerts } = (
					await call(`Items?stdout=true&batch=${batch}`, items)
				).metadata;
				const omitted = 3 * 50_001 + "last\n".length - 65_536;
				expect(alerts).toEqual([`stdout truncated: ${omitted} bytes omitted`]);
				expect(stdout.split("\n")[0]).toBe(
					`[stdout truncated: ${omitted} bytes omitted]`,
				);
				expect(stdout.endsWith("x\nlast\n")).toBe(true);
			},
		);
	});

	it("with timing=1 tells how long its items and the whole took", async () => {
		const { metadata } = await call(
			"Items?timing=1&batch=serial",
			times(3, () => ({ do: "spin", ms: 10 })),
		);
		const { running = 0, total = 0 } = metadata.timing ?? {};
		expect(running).toBeGreaterThanOrEqual(0.03);
		expect(total).toBeGreaterThanOrEqual(running);
		expect(running).toBeCloseTo(metadata.duration, 3);
	});

	it("gives numbers back as they were written, as far as its language can", async () => {
		const { text } = await server.post(
			"/v1/algo/lists/Items?output=raw",
			"[1.0,[2.5],1e2,9007199254740993]",
		);
		const hundred = language === "Python" ? "100.0" : "1e2";
		expect(text).toBe(`[1.0,[2.5],${hundred},9007199254740993]`);
	});
});
