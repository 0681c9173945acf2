import { execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FIXTURES } from "../../support/app.ts";
import { canMount } from "../../support/mount.ts";
import {
	count,
	finished,
	type Host,
	ME,
	newState,
	openHost,
	outcomes,
	remove,
	seen,
	upload,
	WORK,
} from "./host.ts";

let state: string;
let host: Host | undefined;
beforeEach(async () => {
	state = await newState();
});
afterEach(async () => {
	await host?.close();
	await remove(state);
});

const COUNT = 4000;
/** Items of which one waits until a file is there. */
const stopping = (file: string) =>
	count(COUNT, (i) => (i === 2000 ? { i, waitFor: file } : { i }));

async function expectWhole(of: Host, job: { id: string }, items = COUNT) {
	const all = await outcomes(of, job);
	expect(all.map(({ index }) => index)).toEqual([...Array(items).keys()]);
}

describe("an input", () => {
	const INPUT = "data://.my/files/in";
	const user = { caller: ME };
	const put = (of: Host, content: string) =>
		of.engine.data.put(user, INPUT, Readable.from([Buffer.from(content)]));
	const content = (file: string, items: number) =>
		[...count(items, (i) => (i === 2000 ? { i, waitFor: file } : { i }))]
			.map((item) => JSON.stringify(item))
			.join("\n");

	/** A job that has not read its input to the end. */
	async function begunJob() {
		host = await openHost(state);
		await host.engine.data.createDirectory(user, ".my", "files");
		const file = join(state, "go");
		await put(host, content(file, 500_000));
		const job = await host.jobs.submit(ME, { algorithm: WORK, input: INPUT });
		await seen(host, job, "it has begun", ({ items }) => items.succeeded > 0);
		return { host, job, file };
	}

	it("that is deleted on the way fails the job by name, and what was read is kept", async () => {
		const { host, job, file } = await begunJob();
		await host.engine.data.remove(user, INPUT);
		await writeFile(file, "");
		const failed = await finished(host, job, 60_000);
		expect(failed.status).toBe("failed");
		expect(failed.error?.message).toBe(
			`the input ${INPUT} is not there any more; put it back as it was and resume the job, or make a new one`,
		);
		await expectWhole(host, job, failed.items.succeeded);
	}, 90_000);

	it("that is changed fails the job, and put back lets it go on", async () => {
		const { host, job, file } = await begunJob();
		await host.jobs.cancel(ME, job.id);
		await put(host, "1\n");
		await host.jobs.resume(ME, job.id);
		const failed = await finished(host, job);
		expect(failed.error?.message).toContain(`${INPUT} has changed since`);
		await put(host, content(file, 500_000));
		await writeFile(file, "");
		await host.jobs.resume(ME, job.id);
		expect((await finished(host, job, 60_000)).items.succeeded).toBe(500_000);
	}, 90_000);
});

describe("an algorithm", () => {
	/** A root of our own, whose changes count at once. */
	async function ownRoot() {
		const root = join(state, "algorithms");
		await cp(join(FIXTURES, "job"), join(root, "job"), { recursive: true });
		host = await openHost(state, { algorithms: [root], watch: true });
		const file = join(state, "go");
		const job = await upload(host, stopping(file));
		await seen(host, job, "it has begun", ({ items }) => items.succeeded > 0);
		return { host, job, file, folder: join(root, "job/Work/1.0.0") };
	}

	it("that is removed pauses the job until it is back", async () => {
		const { host, job, file, folder } = await ownRoot();
		await rename(folder, join(state, "aside"));
		await writeFile(file, "");
		const paused = await seen(host, job, "it is paused", (view) =>
			Boolean(view.paused),
		);
		expect(paused).toMatchObject({ status: "running" });
		expect(paused.paused).toContain("job/Work/1.0.0 not found");
		await rename(join(state, "aside"), folder);
		const done = await finished(host, job);
		expect(done.status).toBe("completed");
		expect(done.paused).toBeUndefined();
		await expectWhole(host, job);
	});

	it("that breaks pauses the job until it is mended", async () => {
		const { host, job, file, folder } = await ownRoot();
		const entry = join(folder, "index.mjs");
		await rename(entry, join(state, "aside.mjs"));
		await writeFile(entry, "export function apply(");
		await writeFile(file, "");
		await seen(host, job, "it is paused", (view) => Boolean(view.paused));
		await rename(join(state, "aside.mjs"), entry);
		expect((await finished(host, job)).items).toMatchObject({
			succeeded: COUNT,
			failed: 0,
		});
		await expectWhole(host, job);
	});
});

describe("a store that another process has locked for seconds", () => {
	it("pauses the job, and it goes on then", async () => {
		host = await openHost(state);
		const file = join(state, "go");
		const job = await upload(host, stopping(file));
		await seen(host, job, "it has begun", ({ items }) => items.succeeded > 0);
		const lock = fork(join(import.meta.dirname, "../store/lock.mjs"), [
			join(state, "applyd.db"),
		]);
		await once(lock, "message");
		await writeFile(file, "");
		const paused = await seen(host, job, "it is paused", (view) =>
			Boolean(view.paused),
		);
		expect(paused.paused).toContain("is locked by another process");
		lock.kill();
		expect((await finished(host, job)).status).toBe("completed");
		await expectWhole(host, job);
	});
});

describe("a full disk", () => {
	it.runIf(canMount()).each([
		["the files are on", "data"],
		["all of the state is on", "."],
	])(
		"that %s pauses the job with the reason, and it goes on when there is room",
		async (_, folder) => {
			const disk = join(state, folder);
			await mkdir(disk, { recursive: true });
			execFileSync("mount", ["-t", "tmpfs", "-o", "size=12m", "none", disk]);
			try {
				host = await openHost(state);
				const file = join(tmpdir(), `applyd-go-${process.pid}`);
				const job = await upload(
					host,
					count(COUNT, (i) =>
						i === 1000 ? { i, waitFor: file } : { i, bytes: 1000 },
					),
				);
				await seen(
					host,
					job,
					"it has begun",
					({ items }) => items.succeeded > 0,
				);
				const ballast = join(disk, "ballast");
				await writeFile(ballast, Buffer.alloc(12 * 2 ** 20)).catch(() => {});
				await writeFile(file, "");
				const paused = await seen(host, job, "it is paused", (view) =>
					Boolean(view.paused),
				);
				expect(paused.paused).toMatch(/is full/);
				await rm(ballast);
				expect((await finished(host, job)).status).toBe("completed");
				await expectWhole(host, job);
				await host.close();
			} finally {
				host = undefined;
				execFileSync("umount", ["-l", disk]);
			}
		},
	);
});
