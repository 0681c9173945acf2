import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { AlgoError } from "../../../../src/errors.ts";
import { Seen } from "../../../../src/listeners/dispatch/seen.ts";
import { Undeliverable } from "../../../../src/listeners/sink.ts";
import { until } from "../../../support/until.ts";
import { shareDispatching } from "./dispatching.ts";
import { MemoryQueue } from "./memory-queue.ts";

const { open, file } = shareDispatching();

const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const runsOf = (mark: string) =>
	existsSync(mark) ? readFileSync(mark, "utf8").length : 0;

describe("a message", () => {
	it("is acknowledged when its result is stored, and not before", async () => {
		const queue = new MemoryQueue();
		const stored = Promise.withResolvers<void>();
		const { results } = open(queue, { onPut: () => stored.promise });
		queue.send({ id: "a", body: json({ n: 1 }) });
		await until("it runs", () => queue.received.length > 0);
		expect(queue.acked).toEqual([]);
		stored.resolve();
		await until("it is acknowledged", () => queue.acked.length > 0);
		expect(results).toEqual([
			{ messageId: "a", at: expect.any(String), result: { n: 1 } },
		]);
	});

	it("is acknowledged as soon as its call is accepted, if that is wanted", async () => {
		const queue = new MemoryQueue();
		const go = file("accepted-go");
		const { results } = open(queue, { ack: "accepted" });
		queue.send({ id: "a", body: json({ waitFor: go }) });
		await until("it is acknowledged", () => queue.acked.length > 0);
		expect(results).toEqual([]);
		writeFileSync(go, "");
		await until("its result is stored", () => results.length > 0);
		expect(queue.acked).toEqual(["a"]);
	});

	it("that fails goes back with longer and longer delays, and is dead after maxAttempts", async () => {
		const queue = new MemoryQueue();
		const { events, numbers } = open(queue);
		queue.send({
			id: "a",
			body: json({ mark: file("dead"), fails: 99 }),
		});
		await until("it is dead", () => queue.dead.length > 0);
		expect(queue.dead).toEqual([
			{
				id: "a",
				attempts: 3,
				error: { message: "told to fail", error_type: "AlgorithmError" },
			},
		]);
		expect(queue.returned).toEqual([
			{ id: "a", delayMs: 10, attempts: 1 },
			{ id: "a", delayMs: 20, attempts: 2 },
		]);
		expect(runsOf(file("dead"))).toBe(3);
		expect(events.map(({ outcome }) => outcome)).toEqual([
			"retried",
			"retried",
			"dead",
		]);
		expect(numbers).toEqual({ succeeded: 0, failed: 3, retried: 2, dead: 1 });
	});

	it("that cannot go back waits here, and counts its attempts all the same", async () => {
		const queue = new MemoryQueue({ takesBack: false });
		const { results } = open(queue);
		queue.send({ id: "a", body: json({ mark: file("kept"), fails: 2 }) });
		await until("it succeeds", () => results.length > 0);
		expect(runsOf(file("kept"))).toBe(3);
		expect(queue.received).toEqual([["a"]]);
	});

	it("that its broker does not take back waits here, and the listener says so", async () => {
		const queue = new MemoryQueue();
		queue.retryFault = new Error("no permission");
		const { results, troubles } = open(queue);
		queue.send({ id: "a", body: json({ mark: file("refused"), fails: 2 }) });
		await until("it succeeds", () => results.length > 0);
		expect(runsOf(file("refused"))).toBe(3);
		expect(troubles).toEqual([
			"what is to be tried again cannot go back to the queue, and waits here: no permission",
			undefined,
			"what is to be tried again cannot go back to the queue, and waits here: no permission",
			undefined,
		]);
	});

	it("whose input does not fit the schema is dead at once", async () => {
		const queue = new MemoryQueue();
		open(queue, { algorithm: "wire/Typed" });
		queue.send({ id: "a", body: json({ no: "number" }) });
		await until("it is dead", () => queue.dead.length > 0);
		expect(queue.dead).toMatchObject([
			{ id: "a", attempts: 1, error: { error_type: "InputError" } },
		]);
		expect(queue.returned).toEqual([]);
	});

	it("over the input limit is dead at once, with its size", async () => {
		const queue = new MemoryQueue();
		open(queue);
		queue.send({ id: "a", body: Buffer.alloc(100_001) });
		await until("it is dead", () => queue.dead.length > 0);
		expect(queue.dead).toMatchObject([
			{
				attempts: 1,
				error: {
					error_type: "TooLargeError",
					message: expect.stringContaining("100001 bytes"),
				},
			},
		]);
	});

	it("may be text, or bytes that are no text", async () => {
		const queue = new MemoryQueue();
		const { results } = open(queue, { algorithm: "wire/Echo" });
		queue.send({ id: "text", body: Buffer.from("no {json") });
		queue.send({ id: "bytes", body: Buffer.from([0xff, 0x00]) });
		await until("both are done", () => results.length === 2);
		expect(
			Object.fromEntries(results.map((it) => [it.messageId, it.result])),
		).toEqual({ text: "no {json", bytes: "/wA=" });
	});

	it("whose result no sink will ever take is dead, and says so", async () => {
		const queue = new MemoryQueue();
		open(queue, {
			onPut: async () => {
				throw new Undeliverable("too large for it");
			},
		});
		queue.send({ id: "a" });
		await until("it is dead", () => queue.dead.length > 0);
		expect(queue.dead[0]?.error).toEqual({
			message: "its result could not be delivered: too large for it",
			error_type: "UndeliverableError",
		});
	});

	it("whose result cannot be stored now is kept until it can, and the listener says why nothing goes on", async () => {
		const queue = new MemoryQueue();
		let failures = 2;
		const { troubles, results } = open(queue, {
			onPut: async () => {
				if (failures-- > 0) throw new Error("the disk is full");
			},
		});
		queue.send({ id: "a" });
		await until("it is acknowledged", () => queue.acked.length > 0);
		expect(results).toHaveLength(1);
		expect(troubles).toEqual([
			"results cannot be stored: the disk is full",
			undefined,
		]);
	});

	it("goes back with the delay of a busy server, and no attempt is counted", async () => {
		const queue = new MemoryQueue();
		let refusals = 2;
		const { results, numbers } = open(queue, {
			busyDelaySeconds: 7,
			algorithm: "wire/Echo",
			apply: (real) => ({
				takesLists: () => false,
				start: (...args) => {
					if (refusals-- > 0)
						throw new AlgoError("QUEUE_FULL", "full", {
							retryAfterSeconds: 0.01,
						});
					return real.start(...args);
				},
			}),
		});
		queue.send({ id: "a" });
		await until("it is done", () => results.length > 0);
		expect(queue.returned).toEqual([
			{ id: "a", delayMs: 7000, attempts: 0 },
			{ id: "a", delayMs: 7000, attempts: 0 },
		]);
		expect(numbers.failed).toBe(0);
	});

	it("stays in hand while the algorithm is broken, and none is dead", async () => {
		const queue = new MemoryQueue();
		const { troubles, session } = open(queue, {
			algorithm: "life/FailsLoading",
		});
		queue.send({ id: "a" });
		await until("it has been tried", () => troubles.length > 0);
		expect([...session.dispatch.inHand].map((it) => it.message.id)).toEqual([
			"a",
		]);
		expect(queue.dead).toEqual([]);
		expect(queue.acked).toEqual([]);
	});

	it("is not taken while there is no such algorithm", async () => {
		const queue = new MemoryQueue();
		const { troubles } = open(queue, { algorithm: "no/Such" });
		queue.send({ id: "a" });
		await until("it is said", () => troubles.length > 0);
		expect(troubles[0]).toContain("no/Such");
		expect(queue.received).toEqual([]);
	});
});

describe("a message that comes again", () => {
	it("while it runs is not run twice, and its newest delivery is the one acknowledged", async () => {
		const queue = new MemoryQueue();
		const go = file("again-go");
		const mark = file("again");
		const body = json({ mark, waitFor: go });
		const { session } = open(queue);
		queue.send({ id: "a", body });
		await until("it runs", () => runsOf(mark) === 1);
		session.dispatch.lost(() => true);
		queue.send({ id: "a", body, isRedelivered: true });
		await until("it has come again", () => queue.received.length === 2);
		writeFileSync(go, "");
		await until("it is acknowledged", () => queue.acked.length > 0);
		expect(runsOf(mark)).toBe(1);
		expect(queue.acked).toEqual(["a"]);
	});

	it("after it was done is only acknowledged", async () => {
		const queue = new MemoryQueue();
		const seen = new Seen();
		seen.add("a");
		const { events, results } = open(queue, { seen });
		queue.send({ id: "a", isRedelivered: true });
		await until("it is acknowledged", () => queue.acked.length > 0);
		expect(results).toEqual([]);
		expect(events).toMatchObject([{ messageId: "a", outcome: "known" }]);
	});

	it("under the id of another one, without having been given before, is a message of its own", async () => {
		const queue = new MemoryQueue();
		const { results } = open(queue);
		queue.send({ id: "a", body: json(1) });
		queue.send({ id: "a", body: json(2) });
		await until("both are acknowledged", () => queue.acked.length === 2);
		expect(results.map(({ result }) => result).sort()).toEqual([1, 2]);
	});

	it("is run if it only has the id of one that was done, and was never given before", async () => {
		const queue = new MemoryQueue();
		const seen = new Seen();
		seen.add("a");
		const { results } = open(queue, { seen });
		queue.send({ id: "a" });
		await until("it is done", () => results.length > 0);
		expect(queue.acked).toEqual(["a"]);
	});

	it("is not run again when it was done and could not be acknowledged", async () => {
		const queue = new MemoryQueue();
		const mark = file("unacknowledged");
		const { results } = open(queue, {
			onPut: async () => {
				queue.fault = new Error("connection lost");
			},
		});
		queue.send({ id: "a", body: json({ mark }) });
		await until("it is done", () => results.length === 1);
		queue.send({ id: "a", body: json({ mark }), isRedelivered: true });
		queue.fault = undefined;
		await until("it is acknowledged", () => queue.acked.length === 1);
		expect(runsOf(mark)).toBe(1);
		expect(results).toHaveLength(1);
	});

	it("was lost before it ran is dropped, and the next delivery is run", async () => {
		const queue = new MemoryQueue();
		const go = file("lost-go");
		const mark = file("lost");
		const { session, results } = open(queue);
		queue.send({ id: "first", group: "g", body: json({ waitFor: go }) });
		queue.send({ id: "second", group: "g", body: json({ mark }) });
		await until("both are here", () => session.dispatch.inHand.size === 2);
		session.dispatch.lost(({ id }) => id === "second");
		expect(session.dispatch.inHand.size).toBe(1);
		writeFileSync(go, "");
		await until("the first is done", () => results.length === 1);
		queue.send({ id: "second", isRedelivered: true, body: json({ mark }) });
		await until("the second is done", () => results.length === 2);
		expect(runsOf(mark)).toBe(1);
	});
});

describe("messages of one group", () => {
	it("run in order, one at a time, also when the first of them fails at first", async () => {
		const queue = new MemoryQueue();
		const { results } = open(queue, { concurrency: 4 });
		for (let i = 0; i < 5; i++)
			queue.send({
				id: `g${i}`,
				group: "g",
				body: json(i === 0 ? { mark: file("group"), fails: 2 } : { i }),
			});
		await until("all are done", () => results.length === 5);
		expect(results.map(({ messageId }) => messageId)).toEqual([
			"g0",
			"g1",
			"g2",
			"g3",
			"g4",
		]);
		expect(queue.returned).toEqual([]);
	});

	it("go on when one of them is dead", async () => {
		const queue = new MemoryQueue();
		const { results } = open(queue, { algorithm: "wire/Typed" });
		queue.send({ id: "bad", group: "g", body: json({ no: "number" }) });
		queue.send({ id: "next", group: "g", body: json({ no: "number" }) });
		await until("both are dead", () => queue.dead.length === 2);
		expect(queue.dead.map(({ id }) => id)).toEqual(["bad", "next"]);
		expect(results).toEqual([]);
	});
});

describe("a list", () => {
	it("is made of what comes together, and each message has a verdict of its own", async () => {
		const queue = new MemoryQueue();
		const { results } = open(queue, { algorithm: "lists/Items" });
		for (let i = 0; i < 10; i++)
			queue.send({
				id: `m${i}`,
				body: json(i === 3 ? { do: "exit" } : i === 5 ? { do: "throw" } : i),
			});
		await until(
			"all have a verdict",
			() => queue.dead.length === 2 && results.length === 8,
		);
		expect(queue.received[0]).toHaveLength(10);
		expect(queue.dead.map(({ id }) => id).sort()).toEqual(["m3", "m5"]);
		expect(
			results.map(({ messageId, result }) => [messageId, result]).sort(),
		).toEqual([0, 1, 2, 4, 6, 7, 8, 9].map((i) => [`m${i}`, i]));
	});
});

describe("a session", () => {
	it("keeps its hold on messages that are being worked on", async () => {
		const queue = new MemoryQueue({ leaseMs: 60 });
		const go = file("lease-go");
		const { results } = open(queue);
		queue.send({ id: "a", body: json({ waitFor: go }) });
		await until("it is extended", () => (queue.extended.get("a") ?? 0) > 2);
		writeFileSync(go, "");
		await until("it is done", () => results.length > 0);
	});

	it("runs one at a time from the first on, if that is its concurrency", async () => {
		const queue = new MemoryQueue();
		const go = file("single-go");
		const mark = file("single");
		const { results } = open(queue, {
			concurrency: 1,
			apply: (real) => {
				let isLoaded = false;
				return {
					takesLists: () => (isLoaded ? false : undefined),
					start: (...args) => {
						isLoaded = true;
						return real.start(...args);
					},
				};
			},
		});
		for (let i = 0; i < 3; i++)
			queue.send({ id: `m${i}`, body: json({ mark, waitFor: go }) });
		await until("one runs", () => runsOf(mark) === 1);
		expect(queue.waiting.length).toBe(2);
		writeFileSync(go, "");
		await until("all are done", () => results.length === 3);
	});

	it("takes no more than it can run while calls are long", async () => {
		const queue = new MemoryQueue();
		const go = file("long-go");
		const { session } = open(queue, {
			concurrency: 2,
			apply: () => ({ takesLists: () => false }),
		});
		for (let i = 0; i < 9; i++)
			queue.send({ id: `m${i}`, body: json({ waitFor: go }) });
		await until("two run", () => session.dispatch.inHand.size === 2);
		expect(queue.waiting).toHaveLength(7);
		writeFileSync(go, "");
		await until("all are done", () => queue.acked.length === 9);
	});

	it("that ends lets what runs end, gives the rest back, and closes its source", async () => {
		const queue = new MemoryQueue();
		const go = file("end-go");
		const { session, results } = open(queue);
		queue.send({ id: "runs", group: "g", body: json({ waitFor: go }) });
		queue.send({ id: "waits", group: "g", body: json(1) });
		await until("both are here", () => session.dispatch.inHand.size === 2);
		const ended = session.end();
		await until("the rest is back", () => queue.returned.length > 0);
		expect(queue.isClosed).toBe(false);
		writeFileSync(go, "");
		await ended;
		expect(queue.isClosed).toBe(true);
		expect(results.map(({ messageId }) => messageId)).toEqual(["runs"]);
		expect(queue.returned).toEqual([{ id: "waits", delayMs: 0, attempts: 0 }]);
		expect(queue.acked).toEqual(["runs"]);
	});

	it("that ends gives back what comes at that moment", async () => {
		const queue = new MemoryQueue();
		const { session } = open(queue);
		const ended = session.end();
		session.dispatch.take([
			{
				id: "late",
				body: json(1),
				isRedelivered: false,
				attempts: 0,
				handedOn: { headers: {} },
			},
		]);
		await ended;
		expect(queue.returned).toEqual([{ id: "late", delayMs: 0, attempts: 0 }]);
	});

	it("whose broker is away says so, and goes on when it is back", async () => {
		const queue = new MemoryQueue();
		const { troubles, results } = open(queue);
		queue.fault = new Error("connection refused");
		queue.send({ id: "a" });
		await until("it is said", () => troubles.length > 0);
		queue.fault = undefined;
		await until("it goes on", () => results.length > 0);
		expect(troubles).toEqual(["connection refused", undefined]);
	});

	it("without a place for dead letters keeps them in the queue and says what to do", async () => {
		const queue = new MemoryQueue({ hasDeadLetters: false });
		const { troubles, numbers } = open(queue, { algorithm: "wire/Typed" });
		queue.send({ id: "a", body: json({ no: "number" }) });
		await until("it is said", () => troubles.length > 0);
		expect(troubles[0]).toContain("name one with deadLetters");
		expect(numbers.dead).toBe(0);
		expect(queue.acked).toEqual([]);
	});
});
