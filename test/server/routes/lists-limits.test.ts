import { writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { freshPath } from "../../attack/support.ts";
import { LANGUAGES } from "../../support/languages.ts";
import { until } from "../../support/until.ts";
import { shareServer } from "../support.ts";
import { failures, listCaller, startsIn, times } from "./lists.ts";

const ENDED =
	"Failed to run algorithm - may have timed-out or hit out-of-memory error";

describe.each(LANGUAGES)(
	"the bounds of a list, in $language",
	({ algorithms }) => {
		const server = shareServer({
			algorithms,
			maxWorkers: 2,
			maxSessions: 2,
			maxOutputBytes: 10_000,
			maxInputBytes: 100_000,
		});
		const call = listCaller(server);

		it.each(["serial", "parallel"])(
			"itemTimeout ends an item that takes longer, and batch=%s goes on",
			async (batch) => {
				const file = await freshPath("starts");
				const items = times(12, (id) => ({
					...(id % 5 === 1 && { do: "loop" }),
					starts: file,
					id,
				}));
				const { result, metadata } = await call(
					`Items?itemTimeout=1&batch=${batch}`,
					items,
				);
				expect(metadata.errors).toEqual(
					[1, 6, 11].map((index) => ({
						index,
						message: ENDED,
						error_type: "TimeoutError",
					})),
				);
				expect(result).toEqual(
					items.map((item) => ("do" in item ? null : item)),
				);
				expect(startsIn(file).sort()).toEqual(times(12, String).sort());
			},
		);

		it("itemTimeout bounds an item, not the list", async () => {
			const items = times(12, () => ({ do: "sleep", ms: 50 }));
			const { metadata } = await call(
				"Items?itemTimeout=0.4&batch=serial",
				items,
			);
			expect(metadata.items.succeeded).toBe(12);
		});

		it.each(["serial", "parallel"])(
			"when its timeout ends, what has ended is answered, with batch=%s",
			async (batch) => {
				const file = await freshPath("never");
				const items = times(10, (n) => (n < 4 ? n : { do: "until", file }));
				const { status, result, metadata } = await call(
					`Items?timeout=0.5&batch=${batch}`,
					items,
				);
				expect(status).toBe(200);
				expect(result).toEqual(times(10, (n) => (n < 4 ? n : null)));
				expect(metadata.items).toEqual({ total: 10, succeeded: 4, failed: 6 });
				expect(metadata.errors).toEqual(
					times(6, (n) => ({
						index: n + 4,
						message: ENDED,
						error_type: "TimeoutError",
					})),
				);
			},
		);

		it("when its timeout ends, a list that must not fail fails", async () => {
			const file = await freshPath("never");
			const { error } = await call("Items?timeout=0.3&onError=fail", [
				1,
				{ do: "until", file },
			]);
			expect(error).toEqual({ message: ENDED, error_type: "TimeoutError" });
		});

		it("when its timeout ends, the rest never starts", async () => {
			const file = await freshPath("starts");
			const loop = (id: number) => ({ do: "loop", starts: file, id });
			const answer = await call(
				"Items?timeout=0.3&batch=serial",
				times(5, loop),
			);
			expect(failures(answer)).toHaveLength(5);
			expect((await call("Items", [1])).result).toEqual([1]);
			expect(startsIn(file)).toEqual(["0"]);
		});

		it("after the first failure the rest never starts, with onError=fail", async () => {
			const file = await freshPath("starts");
			const { error } = await call("Items?batch=serial&onError=fail", [
				...times(50, (id) => ({ starts: file, id })),
				{ do: "throw", starts: file, id: 50 },
				...times(50, (n) => ({
					do: "sleep",
					ms: 20,
					starts: file,
					id: n + 51,
				})),
			]);
			expect(error.message).toBe("as asked");
			expect((await call("Items?batch=serial", [1])).result).toEqual([1]);
			expect(startsIn(file).length).toBeLessThan(101);
		});

		it("a result over the limit is its item's error", async () => {
			const { result, metadata } = await call("Items", [
				1,
				{ do: "large", bytes: 20_000 },
				2,
			]);
			expect(result).toEqual([1, null, 2]);
			expect(metadata.errors).toEqual([
				{
					index: 1,
					message: expect.stringMatching(/20002 bytes.*10000 bytes/),
					error_type: "TooLargeError",
				},
			]);
		});

		it.each(["serial", "parallel"])(
			"results over the limit together are the call's error, with batch=%s",
			async (batch) => {
				const { status, error } = await call(
					`Items?batch=${batch}`,
					times(20, () => ({ do: "large", bytes: 1000 })),
				);
				expect(status).toBe(200);
				expect(error).toEqual({
					message: expect.stringMatching(/limit of 10000 bytes together/),
					error_type: "TooLargeError",
				});
			},
		);

		it("a body over the limit is refused as any other", async () => {
			const { status } = await call("Items", ["x".repeat(100_000)]);
			expect(status).toBe(413);
		});

		it("it is one session, however many items it has", async () => {
			const file = await freshPath("go");
			const lists = times(2, () =>
				call(
					"Items?batch=parallel",
					times(50, () => ({ do: "until", file })),
				),
			);
			await until("both are open", () => server.engine.openCalls === 2);
			expect((await call("Items", [1])).status).toBe(429);
			await writeFile(file, "");
			for (const list of lists)
				expect((await list).metadata.items.succeeded).toBe(50);
		});

		it("when its client is gone, the rest never starts", async () => {
			const file = await freshPath("starts");
			const go = await freshPath("go");
			const gone = new AbortController();
			const items = times(20, (id) => ({
				do: "until",
				file: go,
				starts: file,
				id,
			}));
			const answer = fetch(`${server.url}/v1/algo/lists/Items?batch=serial`, {
				method: "POST",
				headers: { "content-type": "application/json" },
				body: JSON.stringify(items),
				signal: gone.signal,
			}).catch(() => {});
			await until("the first item has begun", () => startsIn(file).length > 0);
			gone.abort();
			await answer;
			await until("the call is over", () => server.engine.openCalls === 0);
			await writeFile(go, "");
			expect((await call("Items?batch=serial", [1])).result).toEqual([1]);
			expect(startsIn(file)).toEqual(["0"]);
		});
	},
);
