import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { localCaller } from "../../../src/accounts/caller.ts";
import type { Acl } from "../../../src/data/acl.ts";
import { Data } from "../../../src/data/data.ts";
import { FsDriver } from "../../../src/data/drivers/fs/fs.ts";
import { expire } from "../../../src/data/hosted/expiry.ts";
import type { DataUser } from "../../../src/data/user.ts";
import { account, direct, within } from "./users.ts";

let stateFolder: string;
let data: Data;
beforeEach(async () => {
	stateFolder = await mkdtemp(join(tmpdir(), "applyd-test-"));
	data = await Data.open({
		stateFolder,
		url: undefined,
		s3Endpoint: undefined,
		onFault: () => {},
	});
});
afterEach(async () => {
	data.close();
	await rm(stateFolder, { recursive: true });
});

const ada = direct("ada");
const bob = direct("bob");
const put = (user: DataUser, path: string, content = path) =>
	data.put(user, path, Readable.from([Buffer.from(content)]));
const read = async (user: DataUser, path: string) => {
	const file = await data.get(user, path);
	if (file === undefined) throw new Error(`${path} is a directory`);
	return text(file.stream);
};
const make = (name: string, acl?: Acl) =>
	data.createDirectory(ada, ".my", name, acl);
const code = (code: string) => expect.objectContaining({ code });

describe("a collection", () => {
	test("is its owner's, by .my and by name, in whatever letters", async () => {
		expect(await make("notes")).toBe("data://ada/notes");
		expect(await put(ada, ".my/notes/a")).toBe("data://ada/notes/a");
		expect(await read(ada, "data://ada/notes/a")).toBe(".my/notes/a");
		expect(await read(ada, "ADA/notes/a")).toBe(".my/notes/a");
		expect((await data.list(ada, ".my")).folders).toEqual(["notes"]);
	});

	test("is not there for others unless its ACL says so", async () => {
		await make("notes", "private");
		await put(ada, ".my/notes/a");
		await expect(read(bob, "ada/notes/a")).rejects.toEqual(
			code("PATH_NOT_FOUND"),
		);
		await expect(data.list(bob, "ada/notes")).rejects.toEqual(
			code("PATH_NOT_FOUND"),
		);
		await expect(data.list(bob, "ada")).rejects.toEqual(code("PATH_NOT_FOUND"));
		await expect(put(bob, "ada/notes/b")).rejects.toEqual(
			code("PATH_NOT_FOUND"),
		);
		expect(await data.exists(bob, "ada/notes")).toBe(false);
		await data.setAcl(ada, ".my/notes", "public");
		expect(await read(bob, "ada/notes/a")).toBe(".my/notes/a");
		expect((await data.list(bob, "ada")).folders).toEqual(["notes"]);
		expect(await data.exists(bob, "ada/notes")).toBe(true);
		await expect(put(bob, "ada/notes/b")).rejects.toEqual(code("FORBIDDEN"));
		await expect(data.remove(bob, "ada/notes", true)).rejects.toEqual(
			code("FORBIDDEN"),
		);
		await expect(data.setAcl(bob, "ada/notes", "private")).rejects.toEqual(
			code("FORBIDDEN"),
		);
	});

	test("of another account's making is refused", async () => {
		await expect(data.createDirectory(bob, "ada", "x")).rejects.toEqual(
			code("FORBIDDEN"),
		);
	});

	test("is by default for the owner's algorithms to read", async () => {
		await make("notes");
		await put(ada, ".my/notes/a", "x");
		const called = within("ada/Mood", account("bob"));
		expect(await read(called, "ada/notes/a")).toBe("x");
		await expect(put(called, "ada/notes/a")).rejects.toEqual(code("FORBIDDEN"));
		const other = within("cy/Mood", account("bob"));
		await expect(read(other, "ada/notes/a")).rejects.toEqual(
			code("PATH_NOT_FOUND"),
		);
	});

	test("is read and written by any algorithm that its owner calls", async () => {
		await make("notes", "private");
		const called = within("cy/Mood", account("ada"));
		await put(called, ".my/notes/a", "x");
		expect(await read(called, "data://.my/notes/a")).toBe("x");
	});

	test("needs a key's right to data, and a right to write", async () => {
		await make("notes");
		await put(ada, ".my/notes/a", "x");
		const reader = direct("ada", "read");
		expect(await read(reader, ".my/notes/a")).toBe("x");
		await expect(put(reader, ".my/notes/b")).rejects.toEqual(code("FORBIDDEN"));
		await expect(read(direct("ada", "none"), ".my/notes/a")).rejects.toEqual(
			code("FORBIDDEN"),
		);
	});

	test("is made once", async () => {
		await make("notes");
		await expect(make("notes")).rejects.toThrow("directory already exists");
	});

	test.each(["", ".hidden", "a/b", "a b", "ä", "a".repeat(256)])(
		"cannot be called %j",
		async (name) => {
			await expect(make(name)).rejects.toEqual(code("BAD_REQUEST"));
		},
	);

	test("has no directories below it", async () => {
		await make("notes");
		await expect(
			data.createDirectory(ada, ".my/notes", "deeper"),
		).rejects.toThrow("no directories below a collection");
		await expect(put(ada, ".my/notes/deeper/x")).rejects.toThrow(
			"no directories below a collection",
		);
		expect(await data.exists(ada, ".my/notes/deeper/x")).toBe(false);
	});

	test("must be there before its files", async () => {
		await expect(put(ada, ".my/none/x")).rejects.toEqual(
			code("PATH_NOT_FOUND"),
		);
	});

	test("goes when empty, and with all its files only by force", async () => {
		await make("notes");
		await put(ada, ".my/notes/a");
		await put(ada, ".my/notes/b");
		await expect(data.remove(ada, ".my/notes")).rejects.toThrow(
			"directory is not empty",
		);
		expect(await data.remove(ada, ".my/notes", true)).toBe(2);
		expect(await data.exists(ada, ".my/notes")).toBe(false);
		await make("notes");
		expect((await data.list(ada, ".my/notes")).files).toEqual([]);
		expect(await data.remove(ada, ".my/notes")).toBe(1);
		await expect(data.remove(ada, ".my/notes")).rejects.toThrow(
			"path not found",
		);
	});

	test("outlives a sender that fails before it is listened to", async () => {
		await make("notes");
		const sender = new Readable({ read() {} });
		const putting = data.put(ada, ".my/notes/a", sender);
		sender.destroy(new Error("the sender hung up"));
		await expect(putting).rejects.toThrow("the sender hung up");
		const gone = new Readable({ read() {} });
		gone.destroy();
		await expect(data.put(ada, ".my/notes/a", gone)).rejects.toThrow();
		expect((await data.list(ada, ".my/notes")).files).toEqual([]);
	});

	test("that is deleted while a file is on its way keeps nothing of it", async () => {
		await make("notes");
		const sender = new Readable({ read() {} });
		const putting = data.put(ada, ".my/notes/a", sender);
		sender.push(Buffer.from("x"));
		await data.remove(ada, ".my/notes");
		sender.push(null);
		await expect(putting).rejects.toThrow("path not found");
		await make("notes");
		expect((await data.list(ada, ".my/notes")).files).toEqual([]);
	});

	test("is listed in pages, with its ACL", async () => {
		await make("notes", "public");
		for (const name of ["c", "a", "b"]) await put(ada, `.my/notes/${name}`);
		const first = await data.list(ada, ".my/notes", { limit: 2 });
		expect(first.files.map(({ name }) => name)).toEqual(["a", "b"]);
		expect(first.acl).toBe("public");
		expect(first.marker).toMatch(/^[\w-]+$/);
		const second = await data.list(ada, ".my/notes", {
			limit: 2,
			marker: first.marker as string,
		});
		expect(second.files.map(({ name }) => name)).toEqual(["c"]);
		expect(second).not.toHaveProperty("marker");
		await expect(data.list(ada, ".my/notes", { marker: "?" })).rejects.toThrow(
			"marker is '?'",
		);
	});
});

describe("the roots", () => {
	test("are the account's own, and all for who owns all, with his own first", async () => {
		await make("notes");
		await data.createDirectory(direct("zoe"), ".my", "notes");
		expect((await data.list(bob, "")).folders).toEqual(["bob"]);
		expect(
			(await data.list({ caller: localCaller("local") }, "")).folders,
		).toEqual(["local", "ada", "zoe"]);
	});

	test("cannot be deleted, and hold no files", async () => {
		for (const path of ["", ".my", ".algo"])
			await expect(data.remove(ada, path, true)).rejects.toEqual(
				code("BAD_REQUEST"),
			);
		await expect(put(ada, ".my/x")).rejects.toEqual(code("BAD_REQUEST"));
	});
});

describe("an algorithm's own files", () => {
	const mood = within("cy/Mood", account("ada"));

	test("lie under .algo, made without being asked, and are the caller's under their long name", async () => {
		expect(await data.exists(mood, "data://.algo/perm")).toBe(true);
		expect(await put(mood, "data://.algo/perm/model", "m")).toBe(
			"data://.algo/cy/Mood/perm/model",
		);
		await put(mood, ".algo/temp/picture.png", "p");
		expect(await read(mood, ".algo/perm/model")).toBe("m");
		expect(await read(ada, ".algo/cy/Mood/perm/model")).toBe("m");
		expect((await data.list(ada, ".algo")).folders).toEqual(["cy"]);
		expect((await data.list(ada, ".algo/cy/Mood")).folders).toEqual([
			"perm",
			"temp",
		]);
		const { files } = await data.list(ada, ".algo/cy/Mood/temp");
		expect(files).toMatchObject([{ name: "picture.png", bytes: 1 }]);
	});

	test("are nobody else's, not even of another caller of the same algorithm", async () => {
		await put(mood, ".algo/perm/model");
		const forBob = within("cy/Mood", account("bob"));
		expect(await data.exists(forBob, ".algo/perm/model")).toBe(false);
		expect(await data.exists(bob, ".algo/cy/Mood/perm/model")).toBe(false);
		expect(await data.exists(direct("cy"), ".algo/cy/Mood/perm/model")).toBe(
			false,
		);
	});

	test("are deleted one by one or all together", async () => {
		await put(mood, ".algo/temp/a");
		await put(mood, ".algo/temp/b");
		expect(await data.remove(ada, ".algo/cy/Mood/temp/a")).toBe(1);
		expect(await data.remove(mood, ".algo/temp", true)).toBe(1);
		expect(await data.exists(ada, ".algo/cy/Mood/temp")).toBe(false);
	});

	test("live nowhere else below .algo", async () => {
		for (const path of [
			".algo/x",
			".algo/cy/Mood/other/x",
			".algo/a.b/c/perm/x",
		])
			await expect(put(ada, path), path).rejects.toEqual(code("BAD_REQUEST"));
		await expect(data.createDirectory(mood, ".algo", "temp")).rejects.toThrow(
			"directory already exists",
		);
	});
});

describe("a session", () => {
	const parent = within("cy/Mood", account("ada"), "tree-1");
	const child = within("bob/Other", account("ada"), "tree-1");
	const stranger = within("cy/Mood", account("ada"), "tree-2");

	test("is shared down one call tree, and ends with it", async () => {
		expect(await put(parent, ".session/x", "s")).toBe("data://.session/x");
		expect(await read(child, "data://.session/x")).toBe("s");
		expect(await data.exists(stranger, ".session/x")).toBe(false);
		expect(await data.exists(ada, ".session/x")).toBe(false);
		await put(stranger, ".session/x", "other");
		await data.endTree("ada", "tree-1");
		expect(await data.exists(child, ".session/x")).toBe(false);
		expect(await read(stranger, ".session/x")).toBe("other");
		await data.endTree("ada", "tree-1");
	});

	test("is not another account's, even if its call has the same id", async () => {
		await put(parent, ".session/x", "s");
		const other = within("cy/Mood", account("bob"), "tree-1");
		expect(await data.exists(other, ".session/x")).toBe(false);
		await data.endTree("bob", "tree-1");
		expect(await read(child, ".session/x")).toBe("s");
	});

	test.each(["..", "load cy/Mood/1.0.0", "A".repeat(128)])(
		"of a call with the id %.20j is like any other",
		async (tree) => {
			const user = within("cy/Mood", account("ada"), tree);
			await put(user, ".session/x", "s");
			expect(await read(user, ".session/x")).toBe("s");
			await data.endTree("ada", tree);
			expect(await data.exists(user, ".session/x")).toBe(false);
		},
	);

	test("is nothing outside a call", async () => {
		await expect(put(ada, ".session/x")).rejects.toThrow(
			".session lives as long as one call",
		);
	});
});

test("what is older than asked goes from temp and left-over sessions, and nothing else", async () => {
	const mood = within("cy/Mood", account("ada"));
	await make("notes");
	const kept = [".my/notes/x", ".algo/perm/x"];
	const passing = [".algo/temp/x", ".session/x"];
	for (const path of [...kept, ...passing]) await put(mood, path);
	const driver = await FsDriver.open(join(stateFolder, "data"));
	await expire(driver, Date.now() - 3_600_000);
	for (const path of [...kept, ...passing])
		expect(await data.exists(mood, path), path).toBe(true);
	await expire(driver, Date.now() + 1000);
	for (const path of kept)
		expect(await data.exists(mood, path), path).toBe(true);
	for (const path of passing)
		expect(await data.exists(mood, path), path).toBe(false);
	driver.close();
});

test.each(["dropbox://x", "azureblob+lab://x/y", "gs://b/k"])(
	"%s is said to be not implemented, by name",
	async (path) => {
		await expect(data.get(ada, path)).rejects.toThrow(
			`the connector ${path.split(":")[0]} is not implemented`,
		);
	},
);
