import { statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Store } from "../../../src/index.ts";
import { type ServerProcess, startProcess } from "../../support/process.ts";
import { until } from "../../support/until.ts";
import { count, newState, openHost, outcomes, remove, upload } from "./host.ts";

const ITEMS = 200_000;
const KILLS = 20;

let state: string;
let server: ServerProcess | undefined;
beforeEach(async () => {
	state = await newState();
});
afterEach(async () => {
	await server?.close();
	await remove(state);
});

/** Makes a job and runs nothing of it. */
async function jobOf(items: Iterable<unknown>): Promise<string> {
	const maker = await openHost(state, { isStarted: false });
	const { id } = await upload(maker, items);
	await maker.close();
	return id;
}

/** Items that a server had when it was killed. */
function heldItems(): number {
	using database = new DatabaseSync(join(state, "applyd.db"));
	const row = database
		.prepare("SELECT sum(count) AS held FROM shards WHERE state = 'leased'")
		.get() as { held: number | null };
	return row.held ?? 0;
}

async function start(): Promise<ServerProcess> {
	server = await startProcess(["--state", state, "--containment", "off"]);
	return server;
}

it("a server that is killed 20 times in a job loses nothing, and stores each outcome once", async () => {
	const mark = join(state, "mark");
	await writeFile(mark, "");
	const id = await jobOf(count(ITEMS, (i) => ({ i, mark })));
	using store = await Store.open(state);
	let mayRunAgain = 0;
	for (let kill = 0; kill < KILLS; kill++) {
		const { child, ended } = await start();
		const before = statSync(mark).size;
		await until("it works", () => statSync(mark).size > before);
		await sleep(Math.random() * 300);
		child.kill("SIGKILL");
		await ended;
		mayRunAgain += heldItems();
		const job = await store.jobs.find(id);
		expect(job?.status, "too fast for this test").toBe("running");
	}
	await start();
	await until(
		"the job is completed",
		async () => (await store.jobs.find(id))?.status === "completed",
		120_000,
	);
	expect(await store.jobs.find(id)).toMatchObject({
		succeeded: ITEMS,
		failed: 0,
	});
	await server?.close();
	const reader = await openHost(state, { isStarted: false });
	let index = 0;
	for (const outcome of await outcomes(reader, { id })) {
		const { result } = outcome as { result: { i: number } };
		expect(outcome.index === index && result.i === index).toBe(true);
		index++;
	}
	expect(index).toBe(ITEMS);
	await reader.close();
	expect(statSync(mark).size).toBeLessThanOrEqual(ITEMS + mayRunAgain);
}, 300_000);

it("a server that is told to end leaves its jobs to the next one", async () => {
	const mark = join(state, "mark");
	const id = await jobOf(count(ITEMS, (i) => ({ i, mark })));
	const { child, ended } = await start();
	await until(
		"it works",
		() => statSync(mark, { throwIfNoEntry: false })?.size,
	);
	child.kill("SIGTERM");
	expect(await ended).toBe(0);
	using store = await Store.open(state);
	const left = await store.jobs.find(id);
	expect(left).toMatchObject({ status: "running", owner: null });
	expect(heldItems()).toBe(0);
	await start();
	await until(
		"the job is completed",
		async () => (await store.jobs.find(id))?.status === "completed",
		60_000,
	);
	expect(statSync(mark).size).toBeLessThan(ITEMS * 1.1);
}, 120_000);
