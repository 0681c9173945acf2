import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Driver } from "../../src/data/driver.ts";
import { FsDriver } from "../../src/data/drivers/fs/fs.ts";
import { S3Driver } from "../../src/data/drivers/s3/s3.ts";
import { startSeaweed } from "../support/seaweedfs.ts";

interface Opened {
	driver: Driver;
	close(): Promise<void>;
}

/** What every driver must do; each is the real thing. */
const DRIVERS: Record<string, () => Promise<Opened>> = {
	async fs() {
		const root = await mkdtemp(join(tmpdir(), "applyd-test-"));
		const driver = await FsDriver.open(root);
		return { driver, close: () => rm(root, { recursive: true }) };
	},
	async s3() {
		const seaweed = await startSeaweed();
		const bucket = await seaweed.bucket("conformance");
		const driver = await S3Driver.open(bucket, "some/prefix");
		await driver.check();
		return { driver, close: () => seaweed.close() };
	},
};

const md5 = (content: string | Buffer) =>
	createHash("md5").update(content).digest("hex");
const streamOf = (...chunks: (string | Buffer)[]) =>
	Readable.from(chunks.map((chunk) => Buffer.from(chunk)));

describe.each(Object.entries(DRIVERS))("the %s driver", (_, open) => {
	let opened: Opened;
	let driver: Driver;
	beforeAll(async () => {
		opened = await open();
		driver = opened.driver;
	}, 120_000);
	afterAll(async () => {
		driver?.close();
		await opened?.close();
	});

	const put = (key: string, content: string) =>
		driver.put(key, streamOf(content));
	const read = async (key: string) => {
		const found = await driver.get(key);
		return found && (await text(found.stream));
	};
	/** All pages of a folder, with their sizes. */
	const listAll = async (folder: string, limit: number) => {
		const names: string[] = [];
		const sizes: number[] = [];
		let after: string | undefined;
		do {
			const page = await driver.list(folder, { after, limit });
			names.push(
				...page.folders.map((name) => `${name}/`),
				...page.files.map(({ name }) => name),
			);
			sizes.push(page.folders.length + page.files.length);
			after = page.last;
		} while (after !== undefined);
		return { names, sizes };
	};

	test("gives back what was put, with its size, its MD5 and the time", async () => {
		const before = Date.now() - 2000;
		const stored = await driver.put("a/b/c", streamOf("hello ", "world"));
		expect(stored).toEqual({ bytes: 11, etag: md5("hello world") });
		const found = await driver.get("a/b/c");
		expect(found).toMatchObject(stored);
		expect(found?.part).toEqual({ firstByte: 0, lastByte: 10 });
		expect(await text(found?.stream as Readable)).toBe("hello world");
		const head = await driver.head("a/b/c");
		expect(head).toMatchObject(stored);
		expect(head?.modifiedMs).toBeGreaterThan(before);
		expect(head?.modifiedMs).toBeLessThan(Date.now() + 2000);
	});

	test("keeps an empty object", async () => {
		const stored = await driver.put("empty/file", Readable.from([]));
		expect(stored).toEqual({ bytes: 0, etag: md5("") });
		expect(await read("empty/file")).toBe("");
		expect(await driver.head("empty/file")).toMatchObject(stored);
	});

	test("replaces what was there", async () => {
		await put("twice/x", "the first, which is longer");
		await put("twice/x", "second");
		expect(await read("twice/x")).toBe("second");
		expect((await driver.head("twice/x"))?.etag).toBe(md5("second"));
	});

	test("knows nothing of what is not there", async () => {
		expect(await driver.get("no/such")).toBeUndefined();
		expect(await driver.head("no/such")).toBeUndefined();
		expect(await driver.list("no/folder", { limit: 10 })).toEqual({
			folders: [],
			files: [],
		});
	});

	test("takes a folder for no object", async () => {
		await put("folder/in/it", "x");
		expect(await driver.get("folder/in")).toBeUndefined();
		expect(await driver.head("folder/in")).toBeUndefined();
	});

	test("deletes many at once, and a folder is empty then", async () => {
		await put("gone/sub/1", "x");
		await put("gone/sub/2", "x");
		await driver.delete(["gone/sub/1", "gone/sub/2", "gone/sub/never"]);
		expect(await driver.head("gone/sub/1")).toBeUndefined();
		expect((await driver.list("gone/sub", { limit: 10 })).files).toEqual([]);
		await put("gone/sub/1", "again");
		expect(await read("gone/sub/1")).toBe("again");
	});

	test.each([
		["from the front", { firstByte: 0, lastByte: 3 }, "0123"],
		["in the middle", { firstByte: 4, lastByte: 5 }, "45"],
		["to the end", { firstByte: 7 }, "789"],
		["beyond the end", { firstByte: 8, lastByte: 100 }, "89"],
		["the last bytes", { suffixBytes: 3 }, "789"],
		["more last bytes than there are", { suffixBytes: 99 }, "0123456789"],
	])("gives a part: %s", async (_, range, expected) => {
		await put("ranges/digits", "0123456789");
		const found = await driver.get("ranges/digits", range);
		expect(await text(found?.stream as Readable)).toBe(expected);
		expect(found?.bytes).toBe(10);
		const { firstByte, lastByte } = found?.part ?? {};
		expect("0123456789".slice(firstByte, (lastByte ?? 0) + 1)).toBe(expected);
	});

	test("refuses a part behind the end", async () => {
		await put("ranges/digits", "0123456789");
		await expect(
			driver.get("ranges/digits", { firstByte: 10 }),
		).rejects.toMatchObject({ code: "RANGE_NOT_SATISFIABLE" });
	});

	test("puts only if absent, once even when many try at once", async () => {
		const tries = await Promise.allSettled(
			[1, 2, 3, 4, 5].map((n) =>
				driver.put("once/x", streamOf(String(n)), { onlyIfAbsent: true }),
			),
		);
		const refused = tries.filter(({ status }) => status === "rejected");
		expect(refused).toHaveLength(4);
		for (const { reason } of refused as PromiseRejectedResult[])
			expect(reason).toMatchObject({ code: "CONFLICT" });
		const winner = tries.findIndex(({ status }) => status === "fulfilled");
		expect(await read("once/x")).toBe(String(winner + 1));
	});

	test.each([
		"Straße.TXT",
		"straße.txt",
		"e\u0301",
		"\u00e9",
		"İıſK",
		"日本語",
		"👍",
		"각",
		"con",
		"COM1.txt",
		".hidden",
		"trailing.",
		"a b+c%20d%2Fe",
		'colon:"*?<>|#&=',
		"~x",
		" ",
		"...",
	])("keeps the name %j apart from all others", async (name) => {
		await put(`names/${name}`, `content of ${name}`);
		expect(await read(`names/${name}`)).toBe(`content of ${name}`);
		const { files } = await driver.list("names", { limit: 1000 });
		expect(files.filter((file) => file.name === name)).toHaveLength(1);
	});

	test("lists folders and files by name, in pages that neither repeat nor skip", async () => {
		const files = Array.from({ length: 23 }, (_, n) => `f${n}`);
		for (const name of files) await put(`pages/${name}`, name);
		for (const name of ["fa", "f1x", "zz"]) await put(`pages/${name}/in`, "x");
		const expected = [...files, "fa/", "f1x/", "zz/"].sort();
		for (const limit of [1, 2, 7, 25, 26, 1000]) {
			const { names, sizes } = await listAll("pages", limit);
			expect([...names].sort(), `pages of ${limit}`).toEqual(expected);
			expect(Math.max(...sizes)).toBeLessThanOrEqual(limit);
			expect(names.filter((name) => !name.endsWith("/"))).toEqual(
				[...files].sort(),
			);
		}
		const page = await driver.list("pages", { limit: 1000 });
		expect(page.last).toBeUndefined();
		expect(page.files[0]).toMatchObject({ name: "f0", bytes: 2 });
	});

	test("does not take a folder for another one whose name begins alike", async () => {
		await put("alike/x", "x");
		await put("alike2/y", "y");
		const { files } = await driver.list("alike", { limit: 10 });
		expect(files.map(({ name }) => name)).toEqual(["x"]);
	});

	test("keeps the old object when the content fails half-way", async () => {
		await put("half/x", "old");
		const failing = Readable.from(
			(async function* () {
				yield Buffer.alloc(100_000);
				throw new Error("the sender hung up");
			})(),
		);
		await expect(driver.put("half/x", failing)).rejects.toThrow(
			"the sender hung up",
		);
		expect(await read("half/x")).toBe("old");
		const never = Readable.from(
			(async function* () {
				yield Buffer.alloc(1);
				throw new Error("the sender hung up");
			})(),
		);
		await expect(driver.put("half/new", never)).rejects.toThrow();
		expect(await driver.head("half/new")).toBeUndefined();
	});

	test("shows a reader one whole version while many write", async () => {
		const contents = Array.from({ length: 100 }, (_, n) =>
			`${n}:`.repeat(20_000 + n),
		);
		await put("race/x", contents[0] as string);
		let isWriting = true;
		const writing = Promise.all(
			contents.map((content) => put("race/x", content)),
		).finally(() => {
			isWriting = false;
		});
		while (isWriting) {
			const found = await driver.get("race/x");
			const seen = await text(found?.stream as Readable);
			expect(found?.bytes).toBe(seen.length);
			expect(found?.etag).toBe(md5(seen));
			expect(contents.includes(seen)).toBe(true);
		}
		await writing;
		expect(contents).toContain(await read("race/x"));
	});

	test("keeps a large object of unknown length whole, with its MD5 as ETag", async () => {
		const chunk = Buffer.alloc(1_000_003, "0123456789abcdef");
		const count = 40;
		const stored = await driver.put(
			"large/x",
			Readable.from(
				(function* () {
					for (let n = 0; n < count; n++) yield chunk;
				})(),
			),
		);
		const whole = Buffer.concat(Array.from({ length: count }, () => chunk));
		expect(stored).toEqual({ bytes: whole.length, etag: md5(whole) });
		expect(await driver.head("large/x")).toMatchObject(stored);
		const found = await driver.get("large/x");
		expect(found).toMatchObject(stored);
		expect(md5(await buffer(found?.stream as Readable))).toBe(stored.etag);
	});
});
