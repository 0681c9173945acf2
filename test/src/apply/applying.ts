import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { localCaller } from "../../../src/accounts/caller.ts";
import { Apply } from "../../../src/apply/apply.ts";
import type { ItemsRequest } from "../../../src/apply/items-request.ts";
import { Data } from "../../../src/data/data.ts";
import type { AlgoError } from "../../../src/errors.ts";
import { Events } from "../../../src/events.ts";
import { partsCut } from "../../../src/items/parts.ts";
import { InputKind, Want } from "../../../src/protocol/frames.js";
import { Form, SliceFlag } from "../../../src/protocol/slice-frames.js";
import { Registry } from "../../../src/registry/registry.ts";
import type { Outcome } from "../../../src/runners/outcome.ts";
import { Runners } from "../../../src/runners/runners.ts";

const ME = { owner: "lists", caller: localCaller("local"), requestId: "req-1" };

/** One verb for all tests of a file, without an engine around it. */
export function shareApply(algorithms: string[]) {
	let open: Awaited<ReturnType<typeof openApply>>;
	beforeAll(async () => {
		open = await openApply(algorithms);
	});
	afterAll(() => open.close());
	return {
		/**
		 * Runs bodies as items of form PARTS, in cuts of at most 7.
		 * @returns the text of each outcome, and why the run ended early
		 */
		async parts(
			name: string,
			bodies: readonly Buffer[],
			options: Partial<ItemsRequest> = {},
		): Promise<{ texts: string[]; error: AlgoError | undefined }> {
			const texts: string[] = [];
			let at = 0;
			const { promise, resolve } = Promise.withResolvers<
				AlgoError | undefined
			>();
			const run = open.apply.items({
				...ME,
				name,
				form: Form.PARTS,
				inputKind: InputKind.MESSAGE,
				flags: SliceFlag.AS_LINES,
				isBackground: false,
				concurrency: 2,
				itemTimeoutMs: 1000,
				timeoutMs: Number.POSITIVE_INFINITY,
				next(maxItems) {
					const taken = bodies.slice(at, at + Math.min(maxItems, 7));
					const cut = partsCut(at, taken);
					at += taken.length;
					return taken.length > 0 ? cut : undefined;
				},
				isDone: () => at === bodies.length,
				onOutcomes({ firstIndex, lengths, text }) {
					let from = 0;
					for (const [i, length] of lengths.entries()) {
						const to = from + (length >>> 1);
						if (texts[firstIndex + i]) throw new Error("one came twice");
						texts[firstIndex + i] = text.toString("utf8", from, to);
						from = to;
					}
				},
				onEnd: resolve,
				...options,
			});
			run.more();
			return { error: await promise, texts };
		},
		/** Runs one call whose body is a message. @returns the envelope */
		async call(path: string, body: Buffer) {
			const [owner = "", name = ""] = path.split("/");
			const { promise, resolve } = Promise.withResolvers<Outcome>();
			open.apply.start(
				{
					...ME,
					owner,
					name,
					inputKind: InputKind.MESSAGE,
					wants: Want.STDOUT,
					body,
				},
				resolve,
			);
			const outcome = await promise;
			if (!("body" in outcome)) throw new Error(JSON.stringify(outcome));
			return JSON.parse(outcome.body.toString());
		},
	};
}

export async function openApply(algorithms: string[]) {
	const stateFolder = await mkdtemp(join(tmpdir(), "applyd-test-"));
	const events = new Events();
	const onFault = (error: unknown) => {
		throw error;
	};
	const data = await Data.open({
		stateFolder,
		url: undefined,
		s3Endpoint: undefined,
		onFault,
	});
	const runners = await Runners.open({
		stateFolder,
		events,
		maxWorkersTotal: 4,
		containment: {
			wanted: { pieces: [], areRequired: false },
			allowRead: [],
			allowWrite: [],
			hidden: [],
		},
	});
	const registry = new Registry({
		roots: algorithms,
		watch: false,
		events,
		onReplaced() {},
	});
	await registry.refresh();
	const apply = new Apply({
		registry,
		runners,
		data,
		events,
		maxSessions: 100,
		maxQueue: 100,
		maxWorkers: 2,
		idleMs: 60_000,
		isolation: "thread",
		memoryMb: 256,
		maxInputBytes: 1_000_000,
		maxOutputBytes: 1_000_000,
		timeoutMs: 60_000,
		maxTimeoutMs: 60_000,
		loadTimeoutMs: 60_000,
		sendOutput: false,
	});
	return {
		apply,
		data,
		async close() {
			registry.close();
			data.close();
			await runners.close();
			await rm(stateFolder, { recursive: true, force: true });
		},
	};
}
