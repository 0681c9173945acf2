import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { Consumer } from "@platformatic/kafka";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { optional } from "../../../../clients/optional.ts";
import { type Kafka, startKafka } from "../../../../support/brokers/kafka.ts";
import { until } from "../../../../support/until.ts";
import { type Reader, Topic, upTo } from "./topic.ts";

const there = await optional("Kafka", startKafka);
const MINUTE = 60_000;

/** Receives and acknowledges, a few at a time, until it is closed. */
class Worker {
	readonly acknowledged: string[] = [];
	/** Received although they had been acknowledged by somebody to whom they were not lost. */
	readonly twice: string[] = [];
	readonly #reader: Reader;
	readonly #done: Set<string>;
	readonly #ending = new AbortController();
	readonly #ended: Promise<void>;

	constructor(reader: Reader, done: Set<string>) {
		this.#reader = reader;
		this.#done = done;
		this.#ended = this.#run();
	}

	async #run(): Promise<void> {
		const { signal } = this.#ending;
		while (!signal.aborted)
			for (const message of await this.#reader.receive(10, signal)) {
				if (this.#done.has(message.id)) this.twice.push(message.id);
				await sleep(1);
				if (!this.#reader.held.has(message)) continue;
				await this.#reader.ack([message]);
				this.#done.add(message.id);
				this.acknowledged.push(message.id);
			}
	}

	async close(): Promise<void> {
		this.#ending.abort();
		await this.#ended;
		await this.#reader.source.close();
	}
}

describe.skipIf(there === undefined)("sources in a group of Kafka", () => {
	const kafka = there as Kafka;
	afterAll(() => kafka?.close());

	test("share the partitions while others join and leave, and nothing that was acknowledged comes again", {
		timeout: 2 * MINUTE,
	}, async () => {
		const topic = await Topic.make(kafka.brokers, 6);
		const done = new Set<string>();
		const hire = async () => new Worker(await topic.open(), done);
		let sent = 0;
		const sending = new AbortController();
		const sender = (async () => {
			while (!sending.signal.aborted) {
				await topic.send(upTo(10), sent % 6);
				sent += 10;
				await sleep(5);
			}
		})();
		const works = (worker: Worker) => {
			const before = worker.acknowledged.length;
			return until(
				"it works",
				() => worker.acknowledged.length > before + 100,
				MINUTE,
			);
		};
		const first = await hire();
		await works(first);
		const second = await hire();
		await Promise.all([first, second].map(works));
		const third = await hire();
		await Promise.all([first, second, third].map(works));
		await first.close();
		await Promise.all([second, third].map(works));
		await second.close();
		await works(third);
		sending.abort();
		await sender;
		await until("all is done", () => done.size === sent, MINUTE);
		await third.close();
		for (const { twice } of [first, second, third]) expect(twice).toEqual([]);
		const committed = Object.values(await topic.committed());
		expect(committed.reduce((sum, offset) => sum + offset)).toBe(sent);
	});

	test("keep what they can when another one joins: only what goes to it is lost, and what was not acknowledged of that comes to it", {
		timeout: MINUTE,
	}, async () => {
		const topic = await Topic.make(kafka.brokers, 2);
		for (const partition of [0, 1]) await topic.send(upTo(10), partition);
		const first = await topic.open();
		const all = await first.take(20);
		await first.ack(all.filter(({ id }) => /\/[0-4]$/.test(id)));
		const second = await topic.open();
		const moved = await second.take(5);
		const [one] = moved;
		const partition = one?.id.split("/")[1];
		const offsets = [5, 6, 7, 8, 9];
		const ids = offsets.map((i) => `${topic.name}/${partition}/${i}`);
		expect(moved.map(({ id }) => id)).toEqual(ids);
		expect(first.lost).toEqual(ids);
		expect(first.held.size).toBe(5);
		// It may still work on what it has lost; that counts for nothing.
		await first.ack(all);
		const kept = partition === "0" ? 1 : 0;
		await topic.isCommitted(10, kept);
		expect((await topic.committed())[Number(partition)]).toBe(5);
	});

	test("stay in it while a message is worked on for longer than any time of the group", {
		timeout: MINUTE,
	}, async () => {
		const topic = await Topic.make(kafka.brokers);
		await topic.send(["long"]);
		const reader = await topic.open();
		const taken = await reader.take(1);
		await sleep(20_000);
		expect(reader.lost).toEqual([]);
		await reader.ack(taken);
		await topic.isCommitted(1);
	});

	test("take over from one that was killed, from where it had committed", {
		timeout: MINUTE,
	}, async () => {
		const topic = await Topic.make(kafka.brokers, 2);
		const ids: string[] = [];
		const child = spawn(
			process.execPath,
			[join(import.meta.dirname, "member.ts"), JSON.stringify(topic.options())],
			{ stdio: ["ignore", "pipe", "inherit"] },
		);
		onTestFinished(() => void child.kill("SIGKILL"));
		createInterface(child.stdout).on("line", (line) => ids.push(line));
		await until("it is open", () => ids.includes("open"));
		const reader = await topic.open();
		for (const partition of [0, 1]) await topic.send(upTo(100), partition);
		const own = await reader.take(100);
		await reader.ack(own);
		await until("the other has its part", () => ids.length === 101);
		const theirs = own[0]?.id.includes("/0/") ? 1 : 0;
		await topic.isCommitted(50, theirs);
		child.kill("SIGKILL");
		const rest = await reader.take(50);
		expect(rest.map(({ id }) => id)).toEqual(
			upTo(50).map((i) => `${topic.name}/${theirs}/${50 + Number(i)}`),
		);
	});

	test("says that they cannot share with members who do it another way", async () => {
		const topic = await Topic.make(kafka.brokers);
		const eager = new Consumer({
			clientId: "test",
			bootstrapBrokers: kafka.brokers,
			groupId: topic.groupId,
		});
		onTestFinished(() => eager.close(true));
		eager.topics.track(topic.name);
		await eager.joinGroup();
		await expect(topic.open()).rejects.toThrow(
			'(INCONSISTENT_GROUP_PROTOCOL); the group has members that do not share partitions by "cooperative-sticky": end them first, or choose another "groupId"',
		);
	});
});
