import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { type Config, loadConfig } from "../../../src/config/config.ts";
import {
	Engine,
	Events,
	type JobOptions,
	type Jobs,
	type JobView,
	localCaller,
	Store,
} from "../../../src/index.ts";
import { FIXTURES } from "../../support/app.ts";
import { until } from "../../support/until.ts";

export const ME = localCaller("local");
export const WORK = { owner: "job", name: "Work" };

/** An engine with its store, without a server around it. */
export interface Host {
	jobs: Jobs;
	engine: Engine;
	store: Store;
	state: string;
	/** What went wrong in the background. */
	faults: unknown[];
	/** The state folder stays. */
	close(): Promise<void>;
}

export const newState = () => mkdtemp(join(tmpdir(), "applyd-test-"));

/** @param options.isStarted false: jobs are made, and none is run */
export async function openHost(
	state: string,
	{
		isStarted = true,
		...overrides
	}: Partial<Config> & { isStarted?: boolean } = {},
): Promise<Host> {
	const config: Config = {
		...loadConfig({}, {}),
		algorithms: [FIXTURES],
		containment: [],
		watch: false,
		maxWorkers: 2,
		state,
		...overrides,
	};
	const events = new Events();
	const faults: unknown[] = [];
	events.on("fault", ({ error }) => faults.push(error));
	const store = await Store.open(state);
	const engine = await Engine.start(config, events, store);
	const jobs = engine.jobs as Jobs;
	if (isStarted) jobs.start();
	return {
		jobs,
		engine,
		store,
		state,
		faults,
		async close() {
			await engine.close();
			store.close();
		},
	};
}

export const remove = (state: string) =>
	rm(state, { recursive: true, force: true });

/** Makes a job of this content. */
export function upload(
	{ jobs }: Host,
	content: string | Buffer | Iterable<unknown>,
	options: Partial<JobOptions> = {},
): Promise<JobView> {
	const bytes =
		typeof content === "string" || Buffer.isBuffer(content)
			? [Buffer.from(content)]
			: linesOf(content);
	return jobs.upload(
		ME,
		{ algorithm: WORK, ...options },
		Readable.from(bytes, { objectMode: false }),
		false,
	);
}

function* linesOf(items: Iterable<unknown>): Generator<Buffer> {
	let lines = "";
	for (const item of items) {
		lines += `${JSON.stringify(item)}\n`;
		if (lines.length < 65_536) continue;
		yield Buffer.from(lines);
		lines = "";
	}
	yield Buffer.from(lines);
}

export function* count(
	items: number,
	of: (i: number) => unknown = (i) => ({ i }),
): Generator<unknown> {
	for (let i = 0; i < items; i++) yield of(i);
}

const FINISHED = ["completed", "failed", "cancelled"];

export const finished = (
	{ jobs }: Host,
	{ id }: { id: string },
	limitMs?: number,
): Promise<JobView> =>
	until(
		"the job has finished",
		async () => {
			const view = await jobs.show(ME, id);
			return FINISHED.includes(view.status) && view;
		},
		limitMs,
	);

/** Waits until a job looks like this. */
export const seen = (
	{ jobs }: Host,
	{ id }: { id: string },
	what: string,
	isIt: (view: JobView) => boolean,
): Promise<JobView> =>
	until(what, async () => {
		const view = await jobs.show(ME, id);
		return isIt(view) && view;
	});

export interface Outcome {
	index: number;
	id?: string | number;
	result?: unknown;
	error?: { message: string; error_type?: string };
}

const parsed = (lines: string) =>
	lines
		.split("\n")
		.filter(Boolean)
		.map((line) => JSON.parse(line));

export const outcomes = async (
	{ jobs }: Host,
	{ id }: { id: string },
): Promise<Outcome[]> => parsed(await text(await jobs.output(ME, id)));

export const failures = async (
	{ jobs }: Host,
	{ id }: { id: string },
): Promise<(Outcome & { input: unknown })[]> =>
	parsed(await text(await jobs.errors(ME, id, { inputsOnly: false })));

export const failedInputs = async (
	{ jobs }: Host,
	{ id }: { id: string },
): Promise<string> => text(await jobs.errors(ME, id, { inputsOnly: true }));
