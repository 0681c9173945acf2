import {
	existsSync,
	mkdirSync,
	readFileSync,
	renameSync,
	writeFileSync,
} from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { optional } from "../../clients/optional.ts";
import { FIXTURES } from "../../support/app.ts";
import type { Flow, FlowBroker } from "../../support/flows/flow.ts";
import type { ServerProcess } from "../../support/process.ts";
import { until } from "../../support/until.ts";
import { Host, type Line, linesOf, viewOf } from "./host.ts";

/** What a kind of broker can do. */
export interface FlowTraits {
	name: string;
	/** Messages of the great run; a slow broker has fewer in a test than by hand (`FLOW_MESSAGES`). */
	messages: number;
	/** Whether a body may be any bytes. */
	carriesBytes: boolean;
	/** Whether it takes a message of more than 10 MB. */
	carriesLarge: boolean;
	/** Longer than the broker leaves a message to somebody who does not say that he still works on it. */
	longMs: number;
	start(): Promise<FlowBroker>;
}

const MINUTE = 60_000;

/** What every driver must hold: nothing is lost, and the broker's own failures cost nothing but time. */
export function flowSuite(traits: FlowTraits): void {
	describe(`a listener on ${traits.name}`, () => {
		let kind: FlowBroker | undefined;
		let flow: Flow;
		let host: Host | undefined;
		let folder: string;
		beforeAll(async () => {
			kind = await optional(traits.name, traits.start);
			folder = await mkdtemp(join(tmpdir(), "applyd-flow-"));
		}, 3 * MINUTE);
		afterEach(async () => {
			await host?.close();
			host = undefined;
			await flow?.close();
		}, MINUTE);
		afterAll(async () => {
			await kind?.close();
			await rm(folder, { recursive: true });
		}, MINUTE);

		/** A test that needs the broker. */
		const test = (
			name: string,
			work: (kind: FlowBroker) => Promise<void>,
			timeoutMs = 2 * MINUTE,
		) =>
			it(name, { timeout: timeoutMs }, async ({ skip }) => {
				if (!kind) return skip();
				flow = await kind.open();
				await work(kind);
			});

		test(
			`runs ${traits.messages} messages of which one in a hundred is poison: each result is there once, each poison one in the dead-letter place with its reason`,
			async () => {
				const { messages } = traits;
				host = await Host.make(flow, { concurrency: 32 });
				const bodies = Array.from({ length: messages }, (_, i) =>
					JSON.stringify(
						i % 100 === 7
							? { i, poison: i % 200 === 7 ? "throw" : "input" }
							: { i },
					),
				);
				await flow.send(bodies);
				const server = await host.start();
				await until(
					"all have a verdict",
					async () => {
						const { succeeded, dead } = await viewOf(server);
						return succeeded + dead >= messages;
					},
					10 * MINUTE,
				);
				const results = await linesOf(server, "results");
				const dead = await linesOf(server, "dead");
				expect(indexesOf(results)).toEqual(
					upTo(messages).filter((i) => i % 100 !== 7),
				);
				expect(deadIndexes(dead)).toEqual(
					upTo(messages).filter((i) => i % 100 === 7),
				);
				for (const { error, attempts, body } of dead) {
					const { i, poison } = JSON.parse(body as string);
					expect(error?.message).toBe(`poison ${i}`);
					expect(attempts).toBe(poison === "input" ? 1 : 2);
				}
				await until("nothing is left", async () => (await flow.left()) === 0);
			},
			12 * MINUTE,
		);

		test("runs a list for an algorithm that takes lists, and each message has its own verdict", async () => {
			host = await Host.make(flow, { algorithm: "flow/List" });
			await flow.send(
				upTo(200).map((i) =>
					JSON.stringify(i === 77 ? { i, poison: true } : { i }),
				),
			);
			const server = await host.start();
			await settled(server, 200);
			const results = await linesOf(server, "results");
			expect(indexesOf(results)).toEqual(upTo(200).filter((i) => i !== 77));
			expect(deadIndexes(await linesOf(server, "dead"))).toEqual([77]);
			const together = results.map(
				({ result }) => (result as { together: number }).together,
			);
			expect(Math.max(...together)).toBeGreaterThan(1);
		});

		test(
			"loses nothing when the server is killed ten times, and stores each result once",
			async () => {
				const messages = 3000;
				host = await Host.make(flow, { concurrency: 8 });
				const mark = join(folder, `killed-${Date.now()}`);
				await flow.send(
					upTo(messages).map((i) => JSON.stringify({ i, mark, ms: 3 })),
				);
				let server = await host.start();
				for (let kill = 0; kill < 10; kill++) {
					const before = runsIn(mark).length;
					await until(
						"it works",
						() => runsIn(mark).length > before + 20,
						MINUTE,
					);
					server.child.kill("SIGKILL");
					await server.ended;
					server = await host.start();
				}
				await allStored(messages, 3 * MINUTE, server);
				expect(indexesOf(await linesOf(server, "results"))).toEqual(
					upTo(messages),
				);
				const again = runsIn(mark).length - messages;
				console.log(
					`${traits.name}: ten kills, ${again} of ${messages} run again`,
				);
			},
			6 * MINUTE,
		);

		test(
			"goes on by itself when the broker was killed and is back",
			async ({ broker }) => {
				const messages = 1000;
				host = await Host.make(flow, { concurrency: 8 });
				const mark = join(folder, `restarted-${Date.now()}`);
				await flow.send(
					upTo(messages).map((i) => JSON.stringify({ i, mark, ms: 5 })),
				);
				const server = await host.start();
				await until("it works", () => runsIn(mark).length > 100, MINUTE);
				await broker.kill();
				await until(
					"it says so",
					async () => (await viewOf(server)).status === "failing",
					MINUTE,
				);
				expect((await viewOf(server)).error).toBeTruthy();
				await broker.restart();
				await allStored(messages, 3 * MINUTE, server);
				expect(unique(indexesOf(await linesOf(server, "results")))).toEqual(
					upTo(messages),
				);
				await until(
					"it says that it runs",
					async () => (await viewOf(server)).status === "running",
				);
			},
			5 * MINUTE,
		);

		test(
			"goes on by itself after its connections were cut, and after they were frozen",
			async ({ cut }) => {
				const messages = 1000;
				host = await Host.make(flow, { concurrency: 8 });
				const mark = join(folder, `cut-${Date.now()}`);
				await flow.send(
					upTo(messages).map((i) => JSON.stringify({ i, mark, ms: 5 })),
				);
				const server = await host.start();
				await until("it works", () => runsIn(mark).length > 100, MINUTE);
				cut.cut();
				await until("it works", () => runsIn(mark).length > 300, MINUTE);
				cut.freeze();
				await sleep(3000);
				cut.thaw();
				await allStored(messages, 3 * MINUTE, server);
				expect(unique(indexesOf(await linesOf(server, "results")))).toEqual(
					upTo(messages),
				);
			},
			5 * MINUTE,
		);

		test("takes text that is no JSON, bytes that are no text, and refuses what is too large", async () => {
			host = await Host.make(flow);
			const bodies: (string | Buffer)[] = ["no {json", '{"i":1}'];
			if (traits.carriesBytes) bodies.push(Buffer.from([0xff, 0xfe, 0x00]));
			if (traits.carriesLarge) bodies.push("x".repeat(10 * 2 ** 20 + 1));
			await flow.send(bodies);
			const server = await host.start();
			await settled(server, bodies.length);
			const results = (await linesOf(server, "results")).map((it) => it.result);
			expect(results).toContainEqual("no {json");
			expect(results).toContainEqual({ i: 1 });
			if (traits.carriesBytes) expect(results).toContainEqual("//4A");
			const dead = await linesOf(server, "dead");
			expect(dead.map(({ error }) => error?.error_type)).toEqual(
				traits.carriesLarge ? ["TooLargeError"] : [],
			);
		});

		test(
			"does not get a message again while it runs for long",
			async () => {
				host = await Host.make(flow);
				const mark = join(folder, `long-${Date.now()}`);
				await flow.send([JSON.stringify({ i: 0, mark, ms: traits.longMs })]);
				const server = await host.start();
				await settled(server, 1, MINUTE);
				expect(runsIn(mark)).toEqual(["0"]);
				await until("nothing is left", async () => (await flow.left()) === 0);
			},
			3 * MINUTE,
		);

		test("lets messages wait while their algorithm is missing, and runs them when it is there", async () => {
			const root = join(folder, `root-${Date.now()}`);
			const away = `${root}-away`;
			mkdirSync(join(root, "flow"), { recursive: true });
			await cp(join(FIXTURES, "flow/Work"), join(root, "flow/Work"), {
				recursive: true,
			});
			host = await Host.make(flow, {}, ["--algorithms", root, "--watch"]);
			const server = await host.start();
			await flow.send([JSON.stringify({ i: 0 })]);
			await settled(server, 1);
			renameSync(join(root, "flow/Work"), away);
			await flow.send(upTo(20).map((i) => JSON.stringify({ i: i + 1 })));
			await until(
				"it says so",
				async () => (await viewOf(server)).status === "failing",
			);
			expect((await viewOf(server)).error).toContain("flow/Work");
			renameSync(away, join(root, "flow/Work"));
			await settled(server, 21);
			expect(await linesOf(server, "dead")).toEqual([]);
			expect(indexesOf(await linesOf(server, "results"))).toEqual(upTo(21));
		});

		for (const algorithm of ["flow/Work", "flow/List"])
			test(`gives back what a busy server has no room for, and counts no attempt (${algorithm})`, async () => {
				host = await Host.make(
					flow,
					{ algorithm, busyDelaySeconds: 1, maxAttempts: 1 },
					["--max-sessions", "1"],
				);
				const server = await host.start();
				const mark = join(folder, `busy-${Date.now()}`);
				const waitFor = `${mark}-over`;
				const call = fetch(`${server.url}/v1/algo/flow/Work`, {
					method: "POST",
					headers: { "content-type": "application/json" },
					body: JSON.stringify({ i: -1, mark, waitFor }),
				});
				await until("the server is busy", () => runsIn(mark).length === 1);
				await flow.send(upTo(20).map((i) => JSON.stringify({ i })));
				await until("some were given back more than once", () => {
					const returned = server.log.filter(
						({ outcome }) => outcome === "returned",
					);
					const ids = new Set(returned.map(({ messageId }) => messageId));
					return returned.length > ids.size;
				});
				expect(await viewOf(server)).toMatchObject({ succeeded: 0, failed: 0 });
				writeFileSync(waitFor, "");
				await call;
				await settled(server, 20, MINUTE);
				expect(indexesOf(await linesOf(server, "results"))).toEqual(upTo(20));
				expect(await viewOf(server)).toMatchObject({ failed: 0, dead: 0 });
			});

		test(
			"shares a queue with another server",
			async () => {
				const messages = 600;
				host = await Host.make(flow, { concurrency: 4 });
				const other = await Host.make(flow, { concurrency: 4 });
				try {
					const servers = [await host.start(), await other.start()] as const;
					for (const server of servers)
						await until(
							"it listens",
							async () => (await viewOf(server)).status === "running",
						);
					await flow.send(
						upTo(messages).map((i) => JSON.stringify({ i, ms: 20 })),
					);
					await allStored(messages, 2 * MINUTE, ...servers);
					const lines = await Promise.all(
						servers.map((server) => linesOf(server, "results")),
					);
					expect(unique(indexesOf(lines.flat()))).toEqual(upTo(messages));
					for (const own of lines) expect(own.length).toBeGreaterThan(0);
				} finally {
					await other.close();
				}
			},
			4 * MINUTE,
		);

		test("ends what runs and gives the rest back when it is told to end", async () => {
			const messages = 300;
			host = await Host.make(flow, { concurrency: 4 });
			await flow.send(upTo(messages).map((i) => JSON.stringify({ i, ms: 20 })));
			const first = await host.start();
			await until("it works", async () => (await viewOf(first)).succeeded > 10);
			first.child.kill("SIGTERM");
			expect(await first.ended).toBe(0);
			const second = await host.start();
			await allStored(messages, MINUTE, second);
			expect(indexesOf(await linesOf(second, "results"))).toEqual(
				upTo(messages),
			);
		});

		test("is paused and goes on", async () => {
			host = await Host.make(flow);
			const server = await host.start();
			await flow.send([JSON.stringify({ i: 0 })]);
			await settled(server, 1);
			await fetch(`${server.url}/v1/listeners/flow/pause`, { method: "POST" });
			await flow.send([JSON.stringify({ i: 1 })]);
			expect((await viewOf(server)).status).toBe("paused");
			await until(
				"it waits at the broker",
				async () => (await flow.left()) === 1,
			);
			await fetch(`${server.url}/v1/listeners/flow/resume`, { method: "POST" });
			await settled(server, 2);
		});

		test("sends dead letters of another queue back, once each, though they are dead again at once", async (broker) => {
			const dead = await broker.open();
			try {
				host = await Host.make(flow, { deadLetters: dead.sink });
				const server = await host.start();
				await flow.send([JSON.stringify({ i: 0, poison: "input" })]);
				await until(
					"it is dead",
					async () => (await viewOf(server)).dead === 1,
				);
				expect(await redriven(server)).toBe(1);
				await until(
					"it is dead again",
					async () => (await viewOf(server)).dead === 2,
				);
				expect((await viewOf(server)).dead).toBe(2);
			} finally {
				await dead.close();
			}
		});

		test("sends dead letters back when that is asked for", async () => {
			host = await Host.make(flow);
			const server = await host.start();
			await flow.send([JSON.stringify({ i: 0, poison: "throw" })]);
			await until("it is dead", async () => (await viewOf(server)).dead === 1);
			expect(await redriven(server)).toBe(1);
			await until(
				"it is dead again",
				async () => (await viewOf(server)).dead === 2,
			);
			expect(deadIndexes(await linesOf(server, "dead"))).toEqual([0]);
		});
	});
}

async function redriven({ url }: ServerProcess): Promise<unknown> {
	const answer = await fetch(`${url}/v1/listeners/flow/redrive`, {
		method: "POST",
	});
	const { redriven } = (await answer.json()) as { redriven?: number };
	return redriven;
}

const upTo = (count: number): number[] =>
	Array.from({ length: count }, (_, i) => i);

const sorted = (numbers: number[]): number[] => numbers.sort((a, b) => a - b);

const unique = (numbers: number[]): number[] => [...new Set(numbers)];

const indexesOf = (lines: readonly Line[]): number[] =>
	sorted(lines.map(({ result }) => (result as { i: number }).i));

const deadIndexes = (lines: readonly Line[]): number[] =>
	sorted(lines.map(({ body }) => JSON.parse(body as string).i));

const runsIn = (mark: string): string[] =>
	existsSync(mark) ? readFileSync(mark, "utf8").trimEnd().split("\n") : [];

/** Waits until so many different messages have their results, and the broker is told. */
async function allStored(
	messages: number,
	limitMs: number,
	...servers: readonly ServerProcess[]
): Promise<void> {
	const stored = async () => {
		const lines = await Promise.all(
			servers.map((server) => linesOf(server, "results")),
		);
		return unique(indexesOf(lines.flat())).length;
	};
	await until(
		`${messages} messages have their results`,
		async () => {
			await sleep(200); // to look costs more than to work
			return (await stored()) === messages;
		},
		limitMs,
	);
}

/** Waits until so many messages have their verdict. */
const settled = (server: ServerProcess, messages: number, limitMs?: number) =>
	until(
		`${messages} messages have a verdict`,
		async () => {
			const { succeeded, dead } = await viewOf(server);
			return succeeded + dead >= messages;
		},
		limitMs,
	);
