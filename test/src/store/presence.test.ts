import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Presence } from "../../../src/store/presence.ts";

let folder: string;
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "applyd-test-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function gone(looker: Presence): Promise<string[]> {
	const owners: string[] = [];
	await looker.takeOver(async (owner) => {
		owners.push(owner);
	});
	return owners;
}

async function other() {
	const child = fork(join(import.meta.dirname, "presence.mjs"), [folder]);
	const [owner] = await once(child, "message");
	return { child, owner };
}

it("an owner whose process was killed is gone at once, and is taken over once", async () => {
	const me = await Presence.announce(folder);
	const { child, owner } = await other();
	expect(await gone(me)).toEqual([]);
	child.kill("SIGKILL");
	await once(child, "exit");
	expect(await gone(me)).toEqual([owner]);
	expect(await gone(me)).toEqual([]);
	await me.close();
});

it("if the taking over fails, the next one who looks does it", async () => {
	const me = await Presence.announce(folder);
	const { child, owner } = await other();
	child.kill("SIGKILL");
	await once(child, "exit");
	const failing = me.takeOver(() => Promise.reject(new Error("locked")));
	await expect(failing).rejects.toThrow("locked");
	expect(await gone(me)).toEqual([owner]);
	await me.close();
});

it("owners in one process know each other, and leave nothing behind", async () => {
	const a = await Presence.announce(folder);
	const b = await Presence.announce(folder);
	expect(await gone(a)).toEqual([]);
	expect(await gone(b)).toEqual([]);
	await a.close();
	expect(await gone(b)).toEqual([]);
	await b.close();
	expect(await readdir(join(folder, "owners"))).toEqual([]);
});
