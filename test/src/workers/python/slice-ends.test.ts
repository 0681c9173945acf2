import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Load } from "../../../../src/protocol/messages.ts";
import { SliceFlag } from "../../../../src/protocol/slice-frames.js";
import { until } from "../../../support/until.ts";
import { DirectWorker, ITEMS, numbers } from "./direct.ts";

describe("a slice that does not run to its end on a Python worker", () => {
	let worker: DirectWorker;
	let folder: string;
	const start = async (options: Partial<Load> = {}) => {
		worker = await DirectWorker.start(ITEMS, options);
	};
	const has = (name: string) => async () =>
		(await readdir(folder)).includes(name);
	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), "applyd-test-"));
	});
	afterAll(() => rm(folder, { recursive: true }));
	afterEach(() => worker.close());

	it.each([
		["os._exit", "exit", 3],
		["sys.exit", "quit", 4],
		["SIGKILL", "kill", 137],
		["a segmentation fault", "fault", 139],
	])(
		"because of %s has told the outcomes of all items before",
		async (_, what, exitCode) => {
			await start();
			worker.send([...numbers(50), { do: what }, "never"]);
			expect(await worker.gone()).toMatchObject({
				cause: "exit",
				started: 1,
				exitCode,
			});
			expect(worker.texts).toEqual(numbers(50).map((n) => `${n},`));
			expect(worker.ending).toBeUndefined();
		},
	);

	it("because it holds too much has told the outcomes of all items before", async () => {
		await start({ memoryMb: 64 });
		worker.send([...numbers(50), { do: "fill" }]);
		expect((await worker.gone()).cause).toBe("memory");
		expect(worker.texts).toEqual(numbers(50).map((n) => `${n},`));
	});

	it("because an item loops has told those before when it is recalled, and when it is ended", async () => {
		await start();
		const path = join(folder, "loop");
		worker.send([...numbers(30), { do: "loop", path }, "never"]);
		await until("the item has begun", has("loop.began"));
		expect(await worker.recall()).toBe(1);
		expect(worker.texts).toEqual(numbers(30).map((n) => `${n},`));
		worker.end();
		expect((await worker.gone()).cause).toBe("ended");
		expect(worker.texts).toHaveLength(30);
	});

	it("because it is recalled ends with the item that runs, and can run another", async () => {
		await start();
		const path = join(folder, "hold");
		worker.send([1, 2, { do: "hold", path }, 3, 4]);
		await until("the item has begun", has("hold.began"));
		await worker.recall();
		expect(worker.texts).toEqual(["1,", "2,"]);
		await writeFile(path, "");
		await until("the slice has ended", () => worker.ending);
		expect(worker.texts).toEqual(["1,", "2,", '"held",']);
		expect(await worker.run([{ do: "count" }])).toEqual(["4,"]);
	});

	it("because a recall came late, and meant one before it, ends all the same", async () => {
		await start();
		await worker.run([1]);
		const path = join(folder, "later");
		worker.send([1, { do: "hold", path }, 2]);
		await until("the item has begun", has("later.began"));
		expect(await worker.recall(1)).toBe(2);
		await writeFile(path, "");
		await until("the slice has ended", () => worker.ending);
		expect(worker.texts).toEqual(["1,", '"held",']);
		expect(await worker.run([3])).toEqual(["3,"]);
	});

	it("starts no further item after a recall at any moment, and loses no outcome", async () => {
		await start();
		const spins = numbers(4000).map((n) => (n % 20 === 19 ? 3 : 0.01));
		const items = spins.map((ms) => ({ do: "spin", ms }));
		let sum = 0;
		let rests = 0;
		// A recall that finds something unwritten is a matter of luck.
		for (let turn = 1; turn <= 30 || rests === 0; turn++) {
			worker.send(items);
			await until("some have ended", () => worker.outcomes.length > turn);
			await worker.recall();
			const last = worker.outcomes.findLastIndex((sent) =>
				sent?.some(({ isRest }) => isRest),
			);
			await until("the slice has ended", () => worker.ending);
			const { length } = worker.outcomes;
			expect(worker.texts).toEqual(
				spins.slice(0, length).map((ms) => `${ms},`),
			);
			expect(length).toBeLessThan(items.length);
			if (last >= 0) {
				rests++;
				expect(length).toBeLessThanOrEqual(last + 2);
			}
			sum += length + 1;
			expect(await worker.run([{ do: "count" }])).toEqual([`${sum},`]);
		}
	});

	it("tells with each recall how much has been written, and with the next slice that it has begun", async () => {
		await start();
		const path = join(folder, "slow");
		const flags = SliceFlag.SINGLY;
		worker.send([1, 2, { do: "hold", path }, 3], { flags });
		await until("the item has begun", has("slow.began"));
		await worker.recall();
		expect(worker.empty).toEqual([{ isRest: true, offset: 2 }]);
		await writeFile(path, "");
		await until("the slice has ended", () => worker.ending);
		const loop = join(folder, "next");
		worker.send([{ do: "loop", path: loop }]);
		await until("the item has begun", has("next.began"));
		await until("that is known", () => worker.empty.length > 0);
		expect(worker.empty).toEqual([{ isRest: false, offset: 0 }]);
		worker.end();
		await worker.gone();
		expect(worker.empty.at(-1)).toEqual({ isRest: true, offset: 0 });
	});

	it("because it was recalled before it began is dropped without a word", async () => {
		await start();
		const path = join(folder, "first");
		worker.send([{ do: "hold", path }]);
		await until("the item has begun", has("first.began"));
		worker.send([1, 2]);
		expect(await worker.recall()).toBe(1);
		await writeFile(path, "");
		worker.send([{ do: "count" }]);
		await until("the last slice has ended", () => worker.ending);
		expect(worker.texts).toEqual(["2,"]);
	});
});
