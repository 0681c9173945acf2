import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ListenerView } from "../../src/index.ts";
import { optional } from "../clients/optional.ts";
import type { Flow, FlowBroker } from "../support/flows/flow.ts";
import { startSqsFlows } from "../support/flows/sqs.ts";
import {
	applyd,
	type ServerProcess,
	startProcess,
} from "../support/process.ts";
import { until } from "../support/until.ts";

const there = await optional("SQS", startSqsFlows);

describe.skipIf(there === undefined)("a server with listeners of SQS", () => {
	const AWS = { AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "x" };

	const broker = there as FlowBroker;
	let moods: Flow;
	let slow: Flow;
	let folder: string;
	let server: ServerProcess;

	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), "applyd-test-"));
		moods = await broker.open();
		slow = await broker.open();
		await declare("moods");
		server = await start();
	}, 120_000);
	afterAll(async () => {
		await server?.close();
		await moods?.close();
		await slow?.close();
		await broker?.close();
		await rm(folder, { recursive: true, force: true });
	});

	const file = () => join(folder, "listeners.json");
	/** @param collection where the results of `moods` go */
	const declare = (collection: string) => {
		const to = (name: string) => ({ type: "data", path: `data://.my/${name}` });
		const algorithm = "wire/Echo";
		const listeners = [
			{
				name: "moods",
				algorithm,
				source: moods.source,
				concurrency: 4,
				results: to(collection),
			},
			{
				name: "slow",
				algorithm: "wire/Wait",
				source: slow.source,
				concurrency: 4,
				results: to("waited"),
			},
		];
		return writeFile(file(), JSON.stringify({ listeners }));
	};
	const start = () =>
		startProcess(
			["--listeners", file(), "--state", join(folder, "state")],
			AWS,
		);

	const get = (path: string) => fetch(`${server.url}${path}`);
	const view = async (name = "moods"): Promise<ListenerView> =>
		(await (await get(`/v1/listeners/${name}`)).json()) as ListenerView;
	const command = (verb: string) =>
		applyd(["listener", verb, "moods"], { env: { APPLYD_SERVER: server.url } });

	/** The results in a collection, one a message. */
	async function results(collection: string): Promise<unknown[]> {
		const listing = await get(`/v1/data/local/${collection}`);
		if (listing.status === 404) return [];
		const { files = [] } = (await listing.json()) as {
			files?: { filename: string }[];
		};
		const parts = await Promise.all(
			files
				.filter(({ filename }) => filename.endsWith(".ndjson"))
				.map(async ({ filename }) => {
					const part = await get(`/v1/data/local/${collection}/${filename}`);
					return (await part.text()).split("\n").filter(Boolean);
				}),
		);
		return parts
			.flat()
			.map((line) => (JSON.parse(line) as { result: unknown }).result);
	}
	const sorted = (values: unknown[]) =>
		values.map(Number).sort((a, b) => a - b);
	const numbers = (from: number, count: number) =>
		Array.from({ length: count }, (_, i) => from + i);
	const arrived = (collection: string, wanted: number[]) =>
		until(
			`all results are in ${collection}`,
			async () => {
				const found = sorted(await results(collection));
				return found.length >= wanted.length && found;
			},
			60_000,
		);

	describe("a listener of a queue", () => {
		test("stores a result for each message, and says what it has done", async () => {
			const wanted = numbers(0, 100);
			await moods.send(wanted.map(String));
			expect(await arrived("moods", wanted)).toEqual(wanted);
			await until("the queue is empty", async () => (await moods.left()) === 0);
			expect(await view()).toMatchObject({
				status: "running",
				succeeded: 100,
				failed: 0,
				dead: 0,
				inFlight: 0,
			});
			const lines = await until("all lines of the log are here", () => {
				const lines = server.log.filter(({ msg }) => msg === "message");
				return lines.length >= 100 && lines;
			});
			expect(lines).toHaveLength(100);
			expect(lines[0]).toMatchObject({
				level: "info",
				listener: "moods",
				messageId: expect.any(String),
				requestId: expect.any(String),
				outcome: "succeeded",
			});
			const metrics = await (await get("/metrics")).text();
			expect(metrics).toMatch(
				/^applyd_listener_messages_total{listener="moods",outcome="succeeded"} 100$/m,
			);
			expect(metrics).toMatch(/^applyd_listener_up{listener="moods"} 1$/m);
			expect(metrics).toMatch(/^applyd_listener_lag{listener="moods"} \d+$/m);
		});

		test("takes nothing while it is paused, and goes on, changed meanwhile, when it is resumed", async () => {
			expect((await command("pause")).stdout).toBe("moods paused\n");
			const wanted = numbers(100, 20);
			await moods.send(wanted.map(String));
			await declare("others");
			await until("the file has been taken in", () =>
				server.log.find(({ change }) => change === "reloaded"),
			);
			expect(await view()).toMatchObject({ status: "paused", succeeded: 0 });
			expect(await moods.left()).toBe(20);
			expect((await command("resume")).stdout).toBe("moods running\n");
			expect(await arrived("others", wanted)).toEqual(wanted);
			expect(await results("moods")).toHaveLength(100);
		}, 120_000);

		test("loses nothing when the server ends, and ends what it has begun", async () => {
			const count = 40;
			await slow.send(Array(count).fill("200"));
			await until("some are done, and some on their way", async () => {
				const { inFlight, succeeded } = await view("slow");
				return inFlight > 0 && succeeded > 0;
			});
			server.child.kill("SIGTERM");
			expect(await server.ended).toBe(0);
			expect(server.log.filter(({ msg }) => msg === "fault")).toEqual([]);
			const done = server.log.filter(
				({ msg, listener, outcome }) =>
					msg === "message" && listener === "slow" && outcome === "succeeded",
			).length;
			const left = await slow.left();
			expect(left).toBeGreaterThan(0);
			expect(done + left).toBe(count);
			await server.close();
			server = await start();
			await until(
				"the rest is done",
				async () => (await view("slow")).succeeded === left,
				60_000,
			);
			await until("the queue is empty", async () => (await slow.left()) === 0);
			expect(await results("waited")).toHaveLength(count);
		}, 120_000);
	});
});
