import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ownerOf } from "../../../src/accounts/caller.ts";
import type { JobView } from "../../../src/index.ts";
import { until } from "../../support/until.ts";
import {
	count,
	failures,
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

let host: Host;
beforeAll(async () => {
	host = await openHost(await newState());
	await host.engine.data.createDirectory({ caller: ME }, ".my", "files");
});
afterAll(async () => {
	expect(host.faults).toEqual([]);
	await host.close();
	await remove(host.state);
});

let files = 0;
/** A path where nothing is yet. */
const newFile = () => join(host.state, `file-${files++}`);
const put = (name: string, content: string) =>
	host.engine.data.put(
		{ caller: ME },
		`data://.my/files/${name}`,
		Readable.from([Buffer.from(content)]),
	);
const code = (code: string) => expect.objectContaining({ code });
const indexes = async (job: { id: string }) =>
	(await outcomes(host, job)).map(({ index }) => index);

/** A job that stops at its item 2000, and what lets it go on. */
async function stoppedJob(options = {}) {
	const file = newFile();
	const job = await upload(
		host,
		count(4000, (i) => (i === 2000 ? { i, waitFor: file } : { i })),
		options,
	);
	await seen(host, job, "it is half done", (view) => view.items.succeeded > 0);
	return { job, goOn: () => writeFile(file, "") };
}

describe("a job over a file", () => {
	it("runs the version that was the newest when it was made, and says so", async () => {
		await put("in.ndjson", '{"i":0}\n{"i":1}\n');
		const made = await host.jobs.submit(ME, {
			algorithm: WORK,
			input: "data://.my/files/in.ndjson",
			label: "mine",
			metadata: { a: [1] },
		});
		expect(made).toMatchObject({
			algorithm: "job/Work/1.0.0",
			label: "mine",
			metadata: { a: [1] },
			format: "ndjson",
			output: `/v1/jobs/${made.id}/output`,
			errors: `/v1/jobs/${made.id}/errors`,
		});
		const done = await finished(host, made);
		expect(done).toMatchObject({ status: "completed", rate: 0 });
		expect(Date.parse(done.finishedAt ?? "")).toBeGreaterThanOrEqual(
			Date.parse(done.startedAt ?? ""),
		);
	});

	it("tells the format by the name, compressed or not", async () => {
		await put("in.csv", "a\n1\n");
		const made = await host.jobs.submit(ME, {
			algorithm: WORK,
			input: ".my/files/in.csv",
		});
		expect(made.format).toBe("csv");
	});

	it("leaves a copy of its output where that is asked for", async () => {
		await put("two", "1\n2\n");
		const made = await host.jobs.submit(ME, {
			algorithm: WORK,
			input: "data://.my/files/two",
			output: "data://.my/files/out",
		});
		await finished(host, made);
		const copy = await host.engine.data.get(
			{ caller: ME },
			"data://.my/files/out",
		);
		expect(await text(copy?.stream as Readable)).toBe(
			'{"index":0,"result":1}\n{"index":1,"result":2}\n',
		);
	});

	it.each<[string, object, string]>([
		[
			"an input that is not there",
			{ input: ".my/files/none" },
			"PATH_NOT_FOUND",
		],
		["an input that is a directory", { input: ".my/files" }, "BAD_REQUEST"],
		["no input", {}, "BAD_REQUEST"],
		[
			"an algorithm that is not there",
			{ input: ".my/files/two", algorithm: { owner: "no", name: "Body" } },
			"NOT_FOUND",
		],
		["no try", { input: ".my/files/two", maxAttempts: 0 }, "BAD_REQUEST"],
		[
			"half a worker",
			{ input: ".my/files/two", concurrency: 0.5 },
			"BAD_REQUEST",
		],
		[
			"fewer errors than none",
			{ input: ".my/files/two", maxErrors: -1 },
			"BAD_REQUEST",
		],
		["no time", { input: ".my/files/two", timeoutSeconds: 0 }, "BAD_REQUEST"],
		[
			"an unknown format",
			{ input: ".my/files/two", format: "xml" },
			"BAD_REQUEST",
		],
		[
			"an output in no collection",
			{ input: ".my/files/two", output: "data://.my/none/out" },
			"PATH_NOT_FOUND",
		],
		[
			"an output that is a directory",
			{ input: ".my/files/two", output: "data://.my/files" },
			"BAD_REQUEST",
		],
	])("is refused with %s", async (_, options, refusal) => {
		await expect(
			host.jobs.submit(ME, { algorithm: WORK, ...options }),
		).rejects.toEqual(code(refusal));
	});
});

describe("items that fail", () => {
	it("are tried again, and only the last try counts", async () => {
		const marks = [newFile(), newFile()] as const;
		const job = await finished(
			host,
			await upload(host, [
				{ i: 0 },
				{ i: 1, fails: 2, mark: marks[0] },
				{ i: 2, fails: 9, mark: marks[1] },
			]),
		);
		expect(job.items).toMatchObject({ succeeded: 2, failed: 1 });
		expect(await readFile(marks[0], "utf8")).toBe("...");
		expect(await readFile(marks[1], "utf8")).toBe("...");
		expect(await indexes(job)).toEqual([0, 1, 2]);
		expect(await failures(host, job)).toEqual([
			{
				index: 2,
				input: { i: 2, fails: 9, mark: marks[1] },
				error: { message: "told to fail", error_type: "AlgorithmError" },
			},
		]);
	});

	it("cost nobody else anything, whatever they do", async () => {
		const bad = {
			3: { exits: true },
			50: { loops: true },
			77: { exits: true },
		};
		const job = await upload(
			host,
			count(100, (i) => ({ i, ...bad[i as keyof typeof bad] })),
			{ maxAttempts: 1, timeoutSeconds: 0.3 },
		);
		expect(await finished(host, job)).toMatchObject({
			status: "completed",
			items: { succeeded: 97, failed: 3 },
		});
		const failed = await failures(host, job);
		expect(failed.map(({ error }) => error?.error_type)).toEqual([
			"SystemExit",
			"TimeoutError",
			"SystemExit",
		]);
	});

	it("fail the job when they are more than it allows, and what is done is kept", async () => {
		const made = await upload(
			host,
			count(1000, (i) => ({ i, ...(i % 2 === 1 && { fails: 9 }) })),
			{ maxErrors: 10, maxAttempts: 1 },
		);
		const failed = await finished(host, made);
		expect(failed.status).toBe("failed");
		expect(failed.error?.message).toContain("more than 10 items have failed");
		expect(await indexes(failed)).toHaveLength(
			failed.items.succeeded + failed.items.failed,
		);
	});

	it("in great numbers are told apart and given back in order", async () => {
		const job = await finished(
			host,
			await upload(
				host,
				count(20_000, (i) => ({ i, ...(i % 3 === 0 && { fails: 9 }) })),
				{ maxAttempts: 2 },
			),
		);
		expect(job.items).toMatchObject({ succeeded: 13_333, failed: 6667 });
		expect(await indexes(job)).toEqual([...Array(20_000).keys()]);
		expect((await failures(host, job)).map(({ input }) => input)).toEqual(
			Array.from({ length: 6667 }, (_, k) => ({ i: k * 3, fails: 9 })),
		);
	});
});

describe("a job that is cancelled", () => {
	it("is over when the answer comes, whatever its items do, and goes on later", async () => {
		const { job, goOn } = await stoppedJob();
		const cancelled = await host.jobs.cancel(ME, job.id);
		expect(cancelled.status).toBe("cancelled");
		const kept = await indexes(job);
		expect(kept).toEqual([...kept.keys()]);
		expect(cancelled.items.succeeded).toBe(kept.length);
		await goOn();
		expect((await host.jobs.resume(ME, job.id)).status).not.toBe("cancelled");
		expect(await finished(host, job)).toMatchObject({
			status: "completed",
			items: { total: 4000, succeeded: 4000, pending: 0 },
		});
		expect(await indexes(job)).toEqual([...Array(4000).keys()]);
	});

	it("ends an endless loop", async () => {
		const mark = newFile();
		const job = await upload(host, [{ mark, loops: true }]);
		await until("it runs", () => existsSync(mark));
		expect((await host.jobs.cancel(ME, job.id)).status).toBe("cancelled");
	});

	it("twice stays as it is, and so does one that is completed", async () => {
		const job = await finished(host, await upload(host, "1\n"));
		expect(await host.jobs.cancel(ME, job.id)).toEqual(job);
		const { job: other, goOn } = await stoppedJob();
		await host.jobs.cancel(ME, other.id);
		const cancelled = await host.jobs.show(ME, other.id);
		expect(await host.jobs.cancel(ME, other.id)).toEqual(cancelled);
		await goOn();
	});
});

describe("a job that failed for too many errors", () => {
	it("is resumed, and as many may fail again", async () => {
		const made = await upload(
			host,
			count(40, (i) => ({ i, ...(i < 20 && { fails: 9 }) })),
			{ maxErrors: 5, maxAttempts: 1 },
		);
		for (let tries = 0; ; tries++) {
			const job = await finished(host, made);
			if (job.status === "completed") break;
			expect(tries).toBeLessThan(4);
			await host.jobs.resume(ME, job.id);
		}
		expect(await indexes(made)).toEqual([...Array(40).keys()]);
	});
});

describe("a retry", () => {
	it("runs the failed items only, and their outcomes take the old ones' places", async () => {
		const marks = [newFile(), newFile()] as const;
		const job = await upload(
			host,
			count(300, (i) =>
				i === 7
					? { i, fails: 1, mark: marks[0] }
					: i === 250
						? { i, fails: 5, mark: marks[1] }
						: { i, bytes: 10 },
			),
			{ maxAttempts: 1 },
		);
		expect((await finished(host, job)).items.failed).toBe(2);
		await host.jobs.retry(ME, job.id);
		expect(await finished(host, job)).toMatchObject({
			status: "completed",
			items: { total: 300, succeeded: 299, failed: 1, pending: 0 },
		});
		const all = await outcomes(host, job);
		expect(all.map(({ index }) => index)).toEqual([...Array(300).keys()]);
		expect(all[7]?.result).toEqual({ i: 7, fails: 1, mark: marks[0] });
		expect(all[8]?.result).toBe("xxxxxxxxxx");
		expect((await failures(host, job)).map(({ index }) => index)).toEqual([
			250,
		]);
		expect(await readFile(marks[0], "utf8")).toBe("..");
		const folder = join(host.state, "data/jobs", job.id, "shards");
		const failed = (await readdir(folder)).filter((name) =>
			name.endsWith(".failures"),
		);
		expect(failed).toHaveLength(1);
	});

	it("of a job without failed items changes nothing", async () => {
		const job = await finished(host, await upload(host, "1\n"));
		await host.jobs.retry(ME, job.id);
		expect(await finished(host, job)).toMatchObject({
			status: "completed",
			items: { succeeded: 1 },
		});
	});
});

describe("what is asked at the wrong time", () => {
	it("is a conflict", async () => {
		const { job, goOn } = await stoppedJob();
		await expect(host.jobs.retry(ME, job.id)).rejects.toEqual(code("CONFLICT"));
		await expect(host.jobs.remove(ME, job.id)).rejects.toEqual(
			code("CONFLICT"),
		);
		expect((await host.jobs.resume(ME, job.id)).status).toBe("running");
		await goOn();
		await finished(host, job);
		await expect(host.jobs.resume(ME, job.id)).rejects.toEqual(
			code("CONFLICT"),
		);
	});
});

describe("a job's output", () => {
	it("can be read while it runs", async () => {
		const { job, goOn } = await stoppedJob();
		const part = await indexes(job);
		expect(part.length).toBeGreaterThan(0);
		expect(part).toEqual([...part].sort((a, b) => a - b));
		await goOn();
		await finished(host, job);
	});

	it("is gone with the job", async () => {
		const job = await finished(host, await upload(host, "1\n"));
		await host.jobs.remove(ME, job.id);
		await expect(host.jobs.show(ME, job.id)).rejects.toEqual(code("NOT_FOUND"));
		expect(existsSync(join(host.state, "data/jobs", job.id))).toBe(false);
	});
});

describe("whoever watches", () => {
	it("is told of progress and of the end", async () => {
		const { job, goOn } = await stoppedJob();
		const told: JobView[] = [];
		const end = await new Promise<JobView>((resolve) => {
			void host.jobs.watch(ME, job.id, {
				onProgress: (view) => {
					told.push(view);
					void goOn();
				},
				onFinished: resolve,
			});
		});
		expect(told[0]?.status).toBe("running");
		expect(end.status).toBe("completed");
	});
});

describe("a list of jobs", () => {
	it("is in pages, newest first, and filtered", async () => {
		const ada = ownerOf("Ada");
		const { jobs } = host;
		const ids: string[] = [];
		for (let i = 0; i < 5; i++) {
			const content = Readable.from([Buffer.from("1\n")]);
			const { id } = await jobs.upload(
				ada,
				{ algorithm: WORK },
				content,
				false,
			);
			ids.unshift(id);
			await finished(host, { id });
		}
		const first = await jobs.list(ada, { limit: 3 });
		expect(first.jobs.map(({ id }) => id)).toEqual(ids.slice(0, 3));
		const marker = first.marker as string;
		const second = await jobs.list(ada, { limit: 3, marker });
		expect(second.jobs.map(({ id }) => id)).toEqual(ids.slice(3));
		expect(second.marker).toBeUndefined();
		const count = async (filter: object) =>
			(await jobs.list(ada, { limit: 100, ...filter })).jobs.length;
		expect(await count({ status: "completed" })).toBe(5);
		expect(await count({ status: "failed" })).toBe(0);
		expect(await count({ algorithm: { owner: "JOB", name: "work" } })).toBe(5);
		expect(await count({ algorithm: { ...WORK, selector: "1.0.0" } })).toBe(5);
		expect(await count({ algorithm: { ...WORK, selector: "1.0.1" } })).toBe(0);
		await expect(count({ marker: "what" })).rejects.toEqual(
			code("BAD_REQUEST"),
		);
	});

	it("and each job is for its account, and for who owns all", async () => {
		const content = Readable.from([Buffer.from("1\n")]);
		const options = { algorithm: WORK };
		const { jobs } = host;
		const { id } = await jobs.upload(ownerOf("bob"), options, content, false);
		const eve = ownerOf("eve");
		await expect(jobs.show(eve, id)).rejects.toEqual(code("NOT_FOUND"));
		await expect(jobs.cancel(eve, id)).rejects.toEqual(code("NOT_FOUND"));
		await expect(jobs.output(eve, id)).rejects.toEqual(code("NOT_FOUND"));
		expect((await jobs.list(eve, { limit: 10 })).jobs).toEqual([]);
		expect((await jobs.show(ownerOf("BOB"), id)).id).toBe(id);
		expect((await jobs.list(ME, { limit: 1 })).jobs[0]?.id).toBe(id);
	});
});

describe("ten jobs at once", () => {
	it("are all done", async () => {
		const made = await Promise.all(
			Array.from({ length: 10 }, () => upload(host, count(2000))),
		);
		for (const job of made) {
			expect((await finished(host, job)).items.succeeded).toBe(2000);
			expect(await indexes(job)).toEqual([...Array(2000).keys()]);
		}
	});
});
