import { describe, expect, it } from "vitest";
import { LANGUAGES } from "../../support/languages.ts";
import { shareServer } from "../support.ts";
import { listCaller, times } from "./lists.ts";

describe.each(LANGUAGES)(
	"the body of a list, in $language",
	({ algorithms }) => {
		const server = shareServer({ algorithms, maxWorkers: 2 });
		const call = listCaller(server);

		it.each([
			["a byte order mark", "\uFEFF[1,2]"],
			["white space before and behind", " \r\n\t[1,2]\n "],
			["both", "\uFEFF \n[1 , 2]"],
		])("may have %s", async (_, body) => {
			expect((await call("Items", body)).result).toEqual([1, 2]);
			expect((await call("Items?batch=serial", body)).result).toEqual([1, 2]);
		});

		it("may come without a Content-Type", async () => {
			const response = await fetch(`${server.url}/v1/algo/lists/Items`, {
				method: "POST",
				body: Buffer.from("[1,2]"),
			});
			expect(await response.json()).toMatchObject({
				result: [1, 2],
				metadata: { items: { total: 2 } },
			});
		});

		const TRICKY = [
			[[[]], [{}], [[1, [2, [3]]]]],
			['"', "\\", '\\"', '],[{"', "\\\\", "[", "]", ",", "\u2028\n"],
			{ "],": { "[": ["}", '{"'] } },
			"世界 🌍 \ud83d",
			"x".repeat(100_000),
			`${'"'.repeat(1000)}${"\\".repeat(1001)}`,
			null,
			true,
			-1.5e-7,
			"",
		];

		it.each(["serial", "parallel"])(
			"may have brackets, quotes and commas in its items, with batch=%s",
			async (batch) => {
				const items = times(20, () => TRICKY).flat();
				const { result } = await call(`Items?batch=${batch}`, items);
				expect(result).toEqual(JSON.parse(JSON.stringify(items)));
			},
		);

		it.each([
			"[1,2",
			"[1,2}",
			"[1,]",
			"[,1]",
			"[,]",
			"[ ,1]",
			"[1,,2]",
			"[1 2]",
			"[1,nope]",
			'[1,"no end]',
			"[1]]",
			"[1] 2",
			"[1,[2}]",
			"[",
			"[[1,2]",
			"[{]}]",
			"['1']",
			"[01]",
		])("that is no JSON is 400: %s", async (body) => {
			for (const batch of ["serial", "parallel"]) {
				const answer = await call(`Items?batch=${batch}`, body);
				expect(answer.status).toBe(400);
				expect(answer.error.message).toMatch(/JSON|array|byte/);
				expect(answer.error.code).toBe(6001);
			}
		});

		it.each(["[,1]", "[1,,2]", '[1,"two,]', "[1,]", "[1,2}"])(
			"that is no JSON is 400 where slices have one item, too: %s",
			async (body) => {
				// From here on an item is known to be long.
				await call("Items", [{ do: "spin", ms: 50 }]);
				expect((await call("Items", body)).status).toBe(400);
			},
		);

		it("is 400 wherever it is broken", async () => {
			const items = times(2000, String);
			for (const at of [0, 1, 999, 1998, 1999]) {
				const broken = JSON.stringify(items).replace(`"${at}"`, `"${at}`);
				expect((await call("Items", broken)).status).toBe(400);
			}
		});

		it.each([
			['{"a":[1]}', "application/json"],
			['"[1]"', "application/json"],
			["1", "application/json"],
			["", "application/json"],
			["[1]", "text/plain"],
			["[1]", "application/octet-stream"],
		])(
			"that is no array is 400 with a batch parameter: %j as %s",
			async (body, type) => {
				for (const batch of ["serial", "parallel"]) {
					const answer = await server.post(
						`/v1/algo/lists/Items?batch=${batch}`,
						body,
						{ "Content-Type": type },
					);
					expect(answer.status).toBe(400);
					expect(answer.body.error.message).toBe(
						`batch is '${batch}', and the body is no JSON array; send an array of inputs as application/json, or leave batch out`,
					);
				}
			},
		);

		it.each(["batch=all", "batch=Serial", "onError=stop", "itemTimeout=0"])(
			"and a bad parameter (%s) is 400 that names it",
			async (query) => {
				const answer = await call(`Items?${query}`, [1]);
				expect(answer.status).toBe(400);
				expect(answer.error.message).toContain(query.split("=")[0]);
			},
		);

		it("may have items that do not fit their schema: each is an InputError that names the place", async () => {
			const { result, metadata } = await call("Typed", [
				{ n: 1 },
				{ n: "2" },
				"text",
				{},
				{ n: 100 },
				{ n: 2 },
			]);
			expect(result).toEqual([2, null, null, null, null, 3]);
			expect(metadata.errors).toEqual([
				{
					index: 1,
					message: "input at /n must be number",
					error_type: "InputError",
				},
				{
					index: 2,
					message: "input must be object",
					error_type: "InputError",
				},
				{
					index: 3,
					message: "input must have required property 'n'",
					error_type: "InputError",
				},
				{
					index: 4,
					message: "output must be <= 100",
					error_type: "AlgorithmError",
				},
			]);
		});

		it("of megabytes is cut and put together", async () => {
			const items = times(40_000, (n) => ({ n, text: "x".repeat(n % 300) }));
			const { result } = await call("Items?batch=parallel", items);
			expect(result).toEqual(items);
		});
	},
);
