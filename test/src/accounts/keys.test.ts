import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FULL_RIGHTS } from "../../../src/accounts/caller.ts";
import { Keyring } from "../../../src/accounts/keyring.ts";
import { createKey, listKeys, revokeKey } from "../../../src/accounts/keys.ts";
import { Store } from "../../../src/store/store.ts";
import { until } from "../../support/until.ts";

let folder: string;
let store: Store;
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "applyd-test-"));
	store = await Store.open(folder);
});
afterEach(async () => {
	store.close();
	await rm(folder, { recursive: true, force: true });
});

const create = (account: string, label?: string) =>
	createKey(store, { account, rights: FULL_RIGHTS, label });
const open = (rootKey?: string) =>
	Keyring.open(store, { rootKey, account: "local", onTrouble: () => {} });

describe("a new key", () => {
	it("has the original platform's shape, and no two are alike", async () => {
		const keys = await Promise.all(
			Array.from({ length: 50 }, () => create("ada")),
		);
		for (const key of keys) expect(key).toMatch(/^sim[A-Za-z0-9+/]{25}$/);
		expect(new Set(keys).size).toBe(50);
	});

	it("is nowhere in the state folder, neither whole nor its random part", async () => {
		const key = await create("ada", "to find the row");
		let all = "";
		for (const name of await readdir(folder))
			all += await readFile(join(folder, name), "latin1");
		expect(all).toContain("to find the row");
		expect(all).not.toContain(key.slice(3, 20));
	});

	it("is listed by mask, account, label and rights", async () => {
		const key = await create("ada", "laptop");
		expect(await listKeys(store)).toEqual([
			{
				mask: `sim…${key.slice(-4)}`,
				account: "ada",
				label: "laptop",
				rights: FULL_RIGHTS,
				createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
				revokedAt: undefined,
			},
		]);
	});
});

describe("a key is revoked", () => {
	it.each([
		["its mask", (key: string) => `sim…${key.slice(-4)}`],
		["its mask with three dots", (key: string) => `sim...${key.slice(-4)}`],
		["its label", () => "laptop"],
	])("by %s", async (_, nameOf) => {
		const key = await create("ada", "laptop");
		expect(await revokeKey(store, nameOf(key))).toBe(`sim…${key.slice(-4)}`);
		expect((await listKeys(store))[0]?.revokedAt).toMatch(/Z$/);
	});

	it("and its label is free for the next one", async () => {
		await create("ada", "laptop");
		await revokeKey(store, "laptop");
		const next = await create("ada", "laptop");
		expect(await revokeKey(store, "laptop")).toBe(`sim…${next.slice(-4)}`);
	});

	it("never where several have the label: their masks are told", async () => {
		const keys = [await create("ada", "ci"), await create("bob", "ci")];
		const [a, b] = keys.map((key) => `sim…${key.slice(-4)}`);
		await expect(revokeKey(store, "ci")).rejects.toThrow(
			`2 keys are called ci; name one by its mask: ${a} (ada), ${b} (bob)`,
		);
		expect((await listKeys(store)).map(({ revokedAt }) => revokedAt)).toEqual([
			undefined,
			undefined,
		]);
	});

	it("once, and what is not there is told apart from what was", async () => {
		await create("ada", "laptop");
		await revokeKey(store, "laptop");
		await expect(revokeKey(store, "laptop")).rejects.toThrow(
			/the key laptop was revoked at \d/,
		);
		await expect(revokeKey(store, "phone")).rejects.toThrow(
			"no key has the mask or label phone",
		);
	});
});

describe("the keyring", () => {
	it("knows whose a key is, and what it may do", async () => {
		const key = await create("ada");
		using ring = await open();
		expect(ring.find(key)).toEqual({
			account: "ada",
			rights: FULL_RIGHTS,
			ownsAll: false,
		});
		for (const other of [key.slice(0, -1), `${key}A`, key.toLowerCase(), ""])
			expect(ring.find(other)).toBeUndefined();
	});

	it("learns of new and revoked keys when asked to look", async () => {
		using ring = await open();
		const key = await create("ada", "laptop");
		expect(ring.find(key)).toBeUndefined();
		await ring.refresh();
		expect(ring.find(key)?.account).toBe("ada");
		await revokeKey(store, "laptop");
		await ring.refresh();
		expect(ring.find(key)).toBeUndefined();
		expect(ring.size).toBe(0);
	});

	it("learns of them by itself", async () => {
		using ring = await open();
		const key = await create("ada", "laptop");
		await until("the key is known", () => ring.find(key) !== undefined);
		await revokeKey(store, "laptop");
		await until("it is forgotten", () => ring.find(key) === undefined);
	});

	it("has the root key, which may do everything, for the account of the settings", async () => {
		using ring = await open("a root key of any shape");
		expect(ring.find("a root key of any shape")).toEqual({
			account: "local",
			rights: { ...FULL_RIGHTS, admin: true },
			ownsAll: false,
		});
	});

	it("tells that it cannot read the store, and keeps what it knows", async () => {
		const key = await create("ada");
		const troubles: Error[] = [];
		using ring = await Keyring.open(store, {
			rootKey: undefined,
			account: "local",
			onTrouble: (error) => troubles.push(error),
		});
		store.close();
		await until("it is told", () => troubles.length > 0);
		expect(ring.find(key)?.account).toBe("ada");
	});
});
