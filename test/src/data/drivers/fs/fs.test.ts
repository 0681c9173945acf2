import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import {
	mkdir,
	mkdtemp,
	readdir,
	readFile,
	rm,
	truncate,
	writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FsDriver } from "../../../../../src/data/drivers/fs/fs.ts";
import { trailer } from "../../../../../src/data/drivers/fs/trailer.ts";
import { canMount } from "../../../../support/mount.ts";

let root: string;
let driver: FsDriver;
beforeEach(async () => {
	root = await mkdtemp(join(tmpdir(), "applyd-test-"));
	driver = await FsDriver.open(root);
});
afterEach(async () => {
	driver.close();
	await rm(root, { recursive: true });
});

const put = (key: string, content: string) =>
	driver.put(key, Readable.from([Buffer.from(content)]));
const unfinished = () => readdir(join(root, ".unfinished"));

test("a file is its content with the MD5 behind it", async () => {
	const { etag } = await put("a/b", "hello");
	expect(etag).toBe("5d41402abc4b2a76b9719d911017c592");
	expect(await readFile(join(root, "a/b"), "utf8")).toBe(
		`hello\napplyd-md5:${etag}\n`,
	);
});

test("a file that was cut, or put there by hand, is told apart from a whole one", async () => {
	await put("a/b", "hello");
	await truncate(join(root, "a/b"), 20);
	await writeFile(join(root, "a/c"), "");
	for (const key of ["a/b", "a/c"]) {
		await expect(driver.get(key)).rejects.toThrow("is damaged");
		await expect(driver.head(key)).rejects.toThrow("is damaged");
	}
});

test("nothing is left of what was being written, whether it came whole or not", async () => {
	await put("a/b", "x");
	const failing = new Readable({ read() {} });
	const putting = driver.put("a/b", failing);
	failing.push("half of");
	failing.destroy(new Error("the sender hung up"));
	await expect(putting).rejects.toThrow("the sender hung up");
	await expect(
		driver.put("a/b", Readable.from([]), { onlyIfAbsent: true }),
	).rejects.toMatchObject({ code: "CONFLICT" });
	expect(await unfinished()).toEqual([]);
});

test("a start removes what a dead process left, and what a live one writes stays", async () => {
	const [dead, alive] = ["99999999-x", `${process.ppid}-x`];
	for (const name of [dead, alive, `${process.pid}-x`, "strange"])
		await writeFile(join(root, ".unfinished", name), "x");
	(await FsDriver.open(root)).close();
	expect(await unfinished()).toEqual([alive]);
});

test("a folder goes with its last file, even while others come", async () => {
	await put("a/b/c", "x");
	await driver.delete(["a/b/c"]);
	expect(await readdir(root)).toEqual([".unfinished"]);
	await Promise.all(
		Array.from({ length: 200 }, async (_, n) => {
			await put(`a/b/${n}`, String(n));
			if (n % 2) await driver.delete([`a/b/${n}`]);
		}),
	);
	const { files } = await driver.list("a/b", { limit: 1000 });
	expect(files).toHaveLength(100);
});

describe("a folder of 100 000 files", () => {
	const COUNT = 100_000;

	test("is listed page by page, from one reading of it", async () => {
		const folder = join(root, "many");
		await mkdir(folder);
		const content = `x${trailer("0".repeat(32))}`;
		for (let n = 0; n < COUNT; n++)
			writeFileSync(join(folder, `f${n}`), content);
		const names: string[] = [];
		let after: string | undefined;
		do {
			const page = await driver.list("many", { after, limit: 1000 });
			names.push(...page.files.map(({ name }) => name));
			if (after === undefined) await put("many/late", "x");
			after = page.last;
		} while (after !== undefined);
		expect(names).toHaveLength(COUNT);
		expect(names).toEqual([...names].sort());
		expect(new Set(names).size).toBe(COUNT);
		const [late] = (await driver.list("many", { after: "late.", limit: 1 }))
			.files;
		expect(late).toBeUndefined();
		await driver.list("many", { limit: 1 });
		const { files } = await driver.list("many", { after: "latd", limit: 1 });
		expect(files).toMatchObject([{ name: "late", bytes: 1 }]);
	}, 120_000);
});

describe("a full disk", () => {
	/** Where this cannot run, test/e2e/data.test.ts has a limit on file sizes instead. */
	test.runIf(canMount())(
		"refuses a file by name, keeps the old one, and leaves nothing behind",
		async () => {
			const disk = join(root, "disk");
			await mkdir(disk);
			execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "none", disk]);
			try {
				const small = await FsDriver.open(disk);
				await small.put("a/b", Readable.from([Buffer.from("old")]));
				const big = Readable.from(
					Array.from({ length: 10 }, () => Buffer.alloc(1_000_000)),
				);
				await expect(small.put("a/b", big)).rejects.toMatchObject({
					code: "STORAGE_FULL",
					message: expect.stringContaining("the data store is full"),
				});
				const found = await small.get("a/b");
				expect(await text(found?.stream as Readable)).toBe("old");
				expect(await readdir(join(disk, ".unfinished"))).toEqual([]);
				await small.put("a/c", Readable.from([Buffer.alloc(1_000_000)]));
				small.close();
			} finally {
				execFileSync("umount", [disk]);
			}
		},
	);
});
