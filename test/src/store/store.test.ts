import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Store } from "../../../src/store/store.ts";

let folder: string;
let file: string;
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "applyd-test-"));
	file = join(folder, "applyd.db");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const key = (name: string) => ({
	hash: `hash of ${name}`,
	mask: `mask of ${name}`,
	label: null,
	account: "ada",
	rights: "{}",
});

/** A store that has keys and is closed. */
async function filledFile(): Promise<Buffer> {
	const store = await Store.open(folder);
	for (let i = 0; i < 200; i++)
		await store.keys.add(key(`${i} ${"x".repeat(50)}`), new Date());
	store.close();
	return readFile(file);
}

describe("the store", () => {
	it("is made with its folder, and keeps what it was given", async () => {
		const deep = join(folder, "not/there/yet");
		const first = await Store.open(deep);
		await first.keys.add(key("a"), new Date(0));
		first.close();
		const second = await Store.open(deep);
		expect(await second.keys.changedSince(0)).toEqual([
			{
				...key("a"),
				createdAt: "1970-01-01T00:00:00.000Z",
				revokedAt: null,
				change: 1,
			},
		]);
		second.close();
	});

	it("is for its owner's eyes only: it has credentials in it", async () => {
		await writeFile(file, "", { mode: 0o644 });
		const store = await Store.open(folder);
		await store.keys.add(key("a"), new Date());
		for (const name of [file, `${file}-wal`])
			expect((await stat(name)).mode & 0o777).toBe(0o600);
		store.close();
	});

	it("may be made by several at once", async () => {
		const stores = await Promise.all([1, 2, 3].map(() => Store.open(folder)));
		for (const store of stores) store.close();
	});

	it("may be read while another process writes", async () => {
		const store = await Store.open(folder);
		const other = await lock();
		expect(await store.keys.changedSince(0)).toEqual([]);
		other.kill();
		store.close();
	});
});

describe("a key", () => {
	it("is told again when it changes, and only then", async () => {
		const store = await Store.open(folder);
		await store.keys.add(key("a"), new Date());
		await store.keys.add(key("b"), new Date());
		expect(await store.keys.changedSince(2)).toEqual([]);
		await store.keys.revoke("hash of a", new Date(0));
		expect(await store.keys.changedSince(2)).toMatchObject([
			{ hash: "hash of a", revokedAt: "1970-01-01T00:00:00.000Z", change: 3 },
		]);
		await store.keys.revoke("hash of a", new Date());
		expect(await store.keys.changedSince(3)).toEqual([]);
		store.close();
	});

	it("is not added when its mask is taken", async () => {
		const store = await Store.open(folder);
		expect(await store.keys.add(key("a"), new Date())).toBe(true);
		const other = { ...key("a"), hash: "another" };
		expect(await store.keys.add(other, new Date())).toBe(false);
		expect(await store.keys.changedSince(0)).toHaveLength(1);
		store.close();
	});

	it("belongs to the one account of its name, in any case", async () => {
		const store = await Store.open(folder);
		await store.keys.add({ ...key("a"), account: "Ada" }, new Date());
		await store.keys.add({ ...key("b"), account: "aDA" }, new Date());
		const keys = await store.keys.changedSince(0);
		expect(keys.map(({ account }) => account)).toEqual(["Ada", "Ada"]);
		store.close();
	});
});

describe("a file that is damaged is refused by name, and not a byte of it changes", () => {
	it.each<[string, (whole: Buffer) => Buffer]>([
		["garbage", () => Buffer.alloc(5000, "no database ")],
		["cut in half", (whole) => whole.subarray(0, whole.length / 2)],
		["its head alone", (whole) => whole.subarray(0, 100)],
		["its head overwritten", (whole) => Buffer.from(whole).fill(255, 0, 100)],
		[
			"its schema overwritten",
			(whole) => Buffer.from(whole).fill(0, 100, 4096),
		],
		["pages overwritten", (whole) => Buffer.from(whole).fill(7, 3 * 4096)],
	])("%s", async (_, damage) => {
		const bytes = damage(await filledFile());
		await writeFile(file, bytes);
		await expect(Store.open(folder)).rejects.toThrow(
			new RegExp(`^${file} is damaged and was left as it is: .*--state$`),
		);
		expect((await readFile(file)).equals(bytes)).toBe(true);
	});
});

describe("a file that is not for us is refused by name, and not a byte of it changes", () => {
	it.each([
		["a newer schema", "PRAGMA user_version = 99", /has schema 99, .* newer/],
		[
			"another program's",
			"PRAGMA application_id = 1",
			/is a database of another program/,
		],
	])("%s", async (_, change, message) => {
		await filledFile();
		const database = new DatabaseSync(file);
		database.exec(change);
		database.close();
		const bytes = await readFile(file);
		const refusal = await Store.open(folder).catch((error) => error.message);
		expect(refusal).toMatch(message);
		expect(refusal).toContain(file);
		expect((await readFile(file)).equals(bytes)).toBe(true);
	});
});

describe("a file that another process has locked", () => {
	it("is waited for, and the thread stays free meanwhile", async () => {
		const store = await Store.open(folder);
		const other = await lock();
		let isAdded = false;
		const adding = store.keys.add(key("a"), new Date()).then(() => {
			isAdded = true;
		});
		for (let turn = 0; turn < 20; turn++)
			await new Promise((resolve) => setTimeout(resolve, 5));
		expect(isAdded).toBe(false);
		other.send("let go");
		await adding;
		expect(await store.keys.changedSince(0)).toHaveLength(1);
		other.kill();
		store.close();
	});

	it("for many seconds is an error that names it, and nothing was written", async () => {
		const store = await Store.open(folder);
		const other = await lock();
		await expect(store.keys.add(key("a"), new Date())).rejects.toThrow(
			`${file} is locked by another process for more than 5 s`,
		);
		expect(await store.keys.changedSince(0)).toEqual([]);
		other.kill();
		store.close();
	});
});

/** A process that holds the file's write lock until told. */
async function lock(): Promise<ChildProcess> {
	const child = fork(join(import.meta.dirname, "lock.mjs"), [file]);
	await once(child, "message");
	return child;
}
