import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll } from "vitest";
import { localCaller } from "../../../../src/accounts/caller.ts";
import type { Apply } from "../../../../src/apply/apply.ts";
import type { MessageEvent } from "../../../../src/events.ts";
import { Attempts } from "../../../../src/listeners/dispatch/attempts.ts";
import type { DispatchOptions } from "../../../../src/listeners/dispatch/dispatch.ts";
import { Insist } from "../../../../src/listeners/dispatch/insist.ts";
import { Numbers } from "../../../../src/listeners/dispatch/numbers.ts";
import { Seen } from "../../../../src/listeners/dispatch/seen.ts";
import { Session } from "../../../../src/listeners/dispatch/session.ts";
import { Trouble } from "../../../../src/listeners/dispatch/trouble.ts";
import type { Letter } from "../../../../src/listeners/letter.ts";
import { FIXTURES } from "../../../support/app.ts";
import { openApply } from "../../apply/applying.ts";
import type { MemoryQueue } from "./memory-queue.ts";

export interface Dispatching {
	session: Session;
	/** Results as they were put, parsed. */
	results: { messageId: string; result: unknown }[];
	events: MessageEvent[];
	/** Reasons why something did not go on, and `undefined` when all did. */
	troubles: (string | undefined)[];
	numbers: Numbers;
}

/** What a results sink of a test does before it takes a letter. */
export type OnPut = (letter: Letter) => Promise<void>;

/** A verb and a folder for the tests of a file, which open sessions of their own. */
export function shareDispatching() {
	let open: Awaited<ReturnType<typeof openApply>>;
	let folder: string;
	const sessions: Session[] = [];
	beforeAll(async () => {
		open = await openApply([FIXTURES]);
		folder = await mkdtemp(join(tmpdir(), "applyd-test-"));
	});
	afterEach(async () => {
		for (const session of sessions.splice(0)) await session.end();
	});
	afterAll(async () => {
		await open.close();
		await rm(folder, { recursive: true });
	});
	return {
		/** In a folder that algorithms may write to. */
		file: (name: string) => join(folder, name),
		open(
			queue: MemoryQueue,
			{
				algorithm = "job/Work",
				onPut = async () => {},
				seen = new Seen(),
				apply = () => ({}),
				...rules
			}: Partial<DispatchOptions["rules"]> & {
				algorithm?: string;
				onPut?: OnPut;
				seen?: Seen;
				/** What is to be otherwise than with the real one. */
				apply?: (real: Apply) => Partial<Apply>;
			} = {},
		): Dispatching {
			const [owner = "", name = ""] = algorithm.split("/");
			const results: Dispatching["results"] = [];
			const events: Dispatching["events"] = [];
			const troubles: Dispatching["troubles"] = [];
			const numbers = new Numbers();
			const trouble = new Trouble((reason) => troubles.push(reason));
			const giveUp = new AbortController();
			const sink = {
				async put(letter: Letter) {
					await onPut(letter);
					results.push(JSON.parse(letter.body.toString()));
				},
				async close() {},
			};
			const session = new Session({
				rules: {
					concurrency: 2,
					ack: "done",
					maxAttempts: 3,
					retryDelaySeconds: 0.01,
					busyDelaySeconds: 0.05,
					...rules,
				},
				source: queue,
				attempts: new Attempts({
					algorithm: { owner, name },
					caller: localCaller("local"),
					timeoutMs: 5000,
					apply: {
						start: (...args) => open.apply.start(...args),
						items: (request) => open.apply.items(request),
						find: (request) => open.apply.find(request),
						timeoutMs: (...args) => open.apply.timeoutMs(...args),
						takesLists: (version) => open.apply.takesLists(version),
						groupSize: (...args) => open.apply.groupSize(...args),
						...apply(open.apply),
					},
					data: open.data,
					refresh: async () => {},
					maxInputBytes: 100_000,
				}),
				results: new Insist("results", sink, trouble, giveUp.signal),
				deadLetters: undefined,
				seen,
				numbers,
				trouble,
				name: "test",
				onMessage: (event) => events.push(event),
				onFault: (error) => troubles.push(String(error)),
			});
			sessions.push(session);
			return { session, results, events, troubles, numbers };
		},
	};
}
