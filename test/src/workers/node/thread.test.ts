import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { localCaller } from "../../../../src/accounts/caller.ts";
import { InputKind, Want } from "../../../../src/protocol/frames.js";
import { Call } from "../../../../src/runners/call.ts";
import { OwnFolders } from "../../../../src/runners/containment/own-folder.ts";
import type { Lane, LaneOwner } from "../../../../src/runners/lane.ts";
import { launchOf } from "../../../../src/runners/launch.ts";
import type { Outcome } from "../../../../src/runners/outcome.ts";
import { Processes } from "../../../../src/runners/processes.ts";
import { WorkerKeys } from "../../../../src/runners/worker-keys.ts";
import { FIXTURES } from "../../../support/app.ts";

test("a call that a stray exception ended starts no call beside the one that runs when its promise settles", async () => {
	const outcomes = await runAsGroup("life/SettlesLate/1.0.0", [
		"stray",
		"next",
		"next",
		"next",
	]);
	expect(outcomes).toEqual([
		{ error: "AlgorithmError" },
		{ result: 1 },
		{ result: 1 },
		{ result: 1 },
	]);
});

/** Runs these calls on one real worker that has them all at once. No runner's clock takes back those that wait there. */
async function runAsGroup(algorithm: string, inputs: unknown[]) {
	const folders = new OwnFolders(await mkdtemp(join(tmpdir(), "applyd-test-")));
	const ready = Promise.withResolvers<Lane>();
	const gone = Promise.withResolvers<void>();
	const owner: LaneOwner & { onProcessGone(): void } = {
		onReady: ready.resolve,
		onFailed: (_, error) => ready.reject(error),
		onProcessGone: gone.resolve,
		isAlone: () => true,
		onFree() {},
		onReturned() {},
		onGone() {},
		onRun() {},
		onItems() {},
		onOutput() {},
		onStray() {},
		onAsk: () => Promise.reject(new Error("it asks for nothing")),
	};
	const folder = join(FIXTURES, algorithm);
	const load = {
		algorithm,
		folder,
		entry: join(folder, "index.mjs"),
		memoryMb: 512,
		maxOutputBytes: 1024,
		maxBatchItems: 256,
		microBatch: false,
		fork: false,
		sendOutput: false,
	};
	const processes = new Processes(
		folders,
		new WorkerKeys(),
		{ load, isShared: true, maxWorkers: 1 },
		owner,
	);
	const launch = await launchOf({ language: "node" }, folder);
	processes.launch = () => launch;
	try {
		processes.open();
		const lane = await ready.promise;
		const calls = inputs.map(callOf);
		lane.send(calls.map(({ call }) => call));
		return await Promise.all(calls.map(({ outcome }) => outcome.then(read)));
	} finally {
		processes.kill("ended");
		await gone.promise;
		await folders.close();
	}
}

function callOf(input: unknown) {
	const outcome = Promise.withResolvers<Outcome>();
	const call = new Call(
		{
			requestId: "req-test",
			caller: localCaller("local"),
			inputKind: InputKind.JSON,
			wants: Want.BARE,
			body: Buffer.from(JSON.stringify(input)),
		},
		60_000,
		outcome.resolve,
	);
	return { call, outcome: outcome.promise };
}

function read(outcome: Outcome) {
	return outcome.kind === "result"
		? { result: JSON.parse(outcome.body.toString()) }
		: { error: outcome.kind === "error" ? outcome.errorType : outcome };
}
