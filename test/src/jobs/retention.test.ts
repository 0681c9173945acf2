import { existsSync } from "node:fs";
import { utimes } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, expect, it } from "vitest";
import { clean } from "../../../src/jobs/retention.ts";
import {
	finished,
	type Host,
	ME,
	newState,
	openHost,
	remove,
	upload,
} from "./host.ts";

const DAY_MS = 86_400_000;
let host: Host;
beforeEach(async () => {
	host = await openHost(await newState());
});
afterEach(async () => {
	await host.close();
	await remove(host.state);
});

const cleaned = (days: number, inDays: number) =>
	clean(
		{ store: host.store, files: host.engine.data.jobFiles, days },
		Date.now() + inDays * DAY_MS,
	);
const folder = (id: string) => join(host.state, "data/jobs", id);
const isThere = async (id: string) =>
	(await host.store.jobs.find(id)) !== undefined;

it("a finished job goes with its files when its time is over, and not before", async () => {
	const job = await finished(host, await upload(host, "1\n"));
	await cleaned(30, 29);
	expect(await isThere(job.id)).toBe(true);
	await cleaned(30, 31);
	expect(await isThere(job.id)).toBe(false);
	expect(existsSync(folder(job.id))).toBe(false);
});

it("a job that has not finished stays, and so does all if nothing is to go", async () => {
	const job = await finished(host, await upload(host, "1\n"));
	const waiting = await upload(host, [{ waitFor: join(host.state, "never") }]);
	await cleaned(0, 1000);
	expect(await isThere(job.id)).toBe(true);
	await cleaned(1, 1000);
	expect(await isThere(waiting.id)).toBe(true);
	await host.jobs.cancel(ME, waiting.id);
});

it("files without a job go, unless they may belong to one that is being made", async () => {
	const files = host.engine.data.jobFiles;
	const put = (key: string) =>
		files.put(key, Readable.from([Buffer.from("1")]));
	await put("old/input");
	await put("new/input");
	await put("left/shards/000000000000-1.outcomes");
	const twoDaysAgo = new Date(Date.now() - 2 * DAY_MS);
	await utimes(join(folder("old"), "input"), twoDaysAgo, twoDaysAgo);
	await cleaned(30, 0);
	expect(existsSync(folder("old"))).toBe(false);
	expect(existsSync(folder("left"))).toBe(false);
	expect(existsSync(folder("new"))).toBe(true);
});
