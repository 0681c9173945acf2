import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LEASE_MS } from "../../../src/jobs/house.ts";
import { type ServerProcess, startProcess } from "../../support/process.ts";
import { until } from "../../support/until.ts";
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
} from "./host.ts";

let state: string;
let hosts: Host[];
let others: ServerProcess[];
beforeEach(async () => {
	state = await newState();
	hosts = [];
	others = [];
});
afterEach(async () => {
	for (const other of others) await other.close();
	for (const host of hosts) await host.close();
	await remove(state);
});

async function open(options = {}): Promise<Host> {
	const host = await openHost(state, options);
	hosts.push(host);
	return host;
}

/** Another server, in a process of its own. */
async function startOther(): Promise<ServerProcess> {
	const other = await startProcess(["--state", state, "--containment", "off"]);
	others.push(other);
	return other;
}

/** What a server that is gone without a word leaves: leases of an owner that nobody knows. */
function forget(untilMs: number): void {
	using database = new DatabaseSync(join(state, "applyd.db"));
	for (const table of ["jobs", "shards"])
		database.exec(
			`UPDATE ${table} SET owner = 'nobody', lease_until = ${untilMs} WHERE owner IS NOT NULL`,
		);
}

describe("several servers on one store", () => {
	it("share a job's shards, and each outcome is stored once", async () => {
		const here = await open();
		const job = await upload(
			here,
			count(300, (i) => ({ i, ms: 30 })),
			{ concurrency: 1 },
		);
		await startOther();
		await until("both have shards of it", () => {
			using database = new DatabaseSync(join(state, "applyd.db"));
			const rows = database
				.prepare("SELECT DISTINCT owner FROM shards WHERE owner IS NOT NULL")
				.all();
			return rows.length === 2;
		});
		const done = await finished(here, job);
		expect(done.items).toMatchObject({ total: 300, succeeded: 300 });
		const all = await outcomes(here, job);
		expect(all.map(({ index }) => index)).toEqual([...Array(300).keys()]);
	});

	it("cancel each other's jobs", async () => {
		const here = await open({ isStarted: false });
		await startOther();
		const file = join(state, "go");
		const job = await upload(
			here,
			count(100, (i) => ({ i, waitFor: file })),
		);
		await seen(here, job, "it runs", ({ status }) => status === "running");
		await here.jobs.cancel(ME, job.id);
		expect((await finished(here, job)).status).toBe("cancelled");
	});

	it("take over at once from one that was killed", async () => {
		const here = await open({ isStarted: false });
		const mark = join(state, "mark");
		const job = await upload(
			here,
			count(100, (i) => ({ i, mark, ms: 100 })),
		);
		const killed = await startOther();
		await until("it works", () => existsSync(mark));
		killed.child.kill("SIGKILL");
		await killed.ended;
		const left = await here.store.jobs.find(job.id);
		const next = await startOther();
		const taken = await until("it is taken up", async () => {
			const row = await here.store.jobs.find(job.id);
			return row?.owner != null && row.owner !== left?.owner && row;
		});
		// A lease is renewed from now, so the old one had not run out when this one began.
		const begunAt = (taken.leaseUntil ?? 0) - LEASE_MS;
		expect(begunAt).toBeLessThan(left?.leaseUntil ?? 0);
		expect((await finished(here, job)).items.succeeded).toBe(100);
		await next.close();
	});
});

describe("a server that has lost its leases", () => {
	it("stores nothing more of what others may run, and the job is done once", async () => {
		const file = join(state, "go");
		const first = await open();
		const job = await upload(
			first,
			count(3000, (i) => (i === 1500 ? { i, waitFor: file } : { i })),
		);
		await seen(first, job, "it has begun", ({ items }) => items.succeeded > 0);
		forget(0); // as if it had not been heard of for long, and another one had come and gone
		await writeFile(file, "");
		const done = await finished(first, job);
		expect(done).toMatchObject({
			status: "completed",
			items: { total: 3000, succeeded: 3000, failed: 0, pending: 0 },
		});
		const all = await outcomes(first, job);
		expect(all.map(({ index }) => index)).toEqual([...Array(3000).keys()]);
	});
});

describe("leases of a server that nobody can ask", () => {
	it("are respected until they run out", async () => {
		const maker = await open({ isStarted: false });
		const job = await upload(maker, count(10));
		const leaseUntil = Date.now() + 2000;
		{
			using database = new DatabaseSync(join(state, "applyd.db"));
			database.exec(
				`UPDATE jobs SET status = 'running', owner = 'nobody', lease_until = ${leaseUntil}`,
			);
		}
		const server = await open();
		const done = await finished(server, job);
		expect(Date.parse(done.finishedAt ?? "")).toBeGreaterThan(leaseUntil);
		expect(done.items.succeeded).toBe(10);
	});
});
