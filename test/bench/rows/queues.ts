import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { SourceOptions } from "../../../src/listeners/options.ts";
import { startAmqpFlows } from "../../support/flows/amqp.ts";
import type { FlowBroker } from "../../support/flows/flow.ts";
import { startKafkaFlows } from "../../support/flows/kafka.ts";
import { startSqsFlows } from "../../support/flows/sqs.ts";
import { spawnChild } from "../children.ts";
import { ALGORITHMS, BIN, CONTENDERS } from "../contenders/places.ts";
import { PREFETCH } from "../contenders/prefetch.ts";
import { orLeftOut } from "../left-out.ts";
import { median, short } from "../numbers.ts";
import type { Effort, Row, Target } from "../row.ts";
import { temporaryFolder } from "../temporary.ts";

const POLL_MS = 20;
const ENV = { AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "x" };

interface Kind {
	name: string;
	messages: number;
	/** Of the ratio to the bare consumer, or of the messages a second. */
	unit: "×" | "messages/s";
	target: Target;
	start(): Promise<FlowBroker>;
}

const KINDS: readonly Kind[] = [
	{
		name: "SQS",
		messages: 4000,
		unit: "×",
		target: { atLeast: 0.8 },
		start: startSqsFlows,
	},
	{
		name: "AMQP",
		messages: 300_000,
		unit: "×",
		target: { atLeast: 0.8 },
		start: () => startAmqpFlows("classic"),
	},
	{
		name: "Kafka",
		messages: 300_000,
		unit: "messages/s",
		target: { atLeast: 20_000 },
		start: startKafkaFlows,
	},
];

/** A listener whose results go nowhere, against a consumer of the same client library that only acknowledges. */
export async function queues(effort: Effort): Promise<Row[]> {
	const rows: Row[] = [];
	for (const kind of KINDS) rows.push(await measure(kind, effort));
	return rows;
}

async function measure(
	{ name, messages, unit, target, start }: Kind,
	{ times }: Effort,
): Promise<Row> {
	const broker = await orLeftOut(start());
	const ours: number[] = [];
	const bare: number[] = [];
	try {
		for (let round = 0; round < times; round++) {
			bare.push(await take(broker, messages, bareConsumer));
			ours.push(await take(broker, messages, listener));
		}
	} finally {
		await broker.close();
	}
	const ratios = ours.map((rate, i) => rate / (bare[i] as number));
	return {
		name: `queue ${name}`,
		what: `messages through ${name}, trivial algorithm`,
		ours: `${short(median(ours))} messages/s`,
		against: `bare consumer ${short(median(bare))} messages/s`,
		value: median(unit === "×" ? ratios : ours),
		unit,
		target,
		details: { ratios, ours, bare, messages },
	};
}

type Consume = (source: SourceOptions, messages: number) => Promise<number>;

/** @returns messages a second */
async function take(
	broker: FlowBroker,
	messages: number,
	consume: Consume,
): Promise<number> {
	const flow = await broker.open();
	try {
		await flow.send(
			Array.from({ length: messages }, (_, i) => `"message ${i}"`),
		);
		return await consume(flow.direct, messages);
	} finally {
		await flow.close();
	}
}

const bareConsumer: Consume = async (source, messages) => {
	const script = resolve(CONTENDERS, "bare-consumer.ts");
	const args = [script, String(messages), JSON.stringify(source)];
	const output = await spawnChild(process.execPath, args, {
		env: ENV,
	}).output();
	return JSON.parse(output).rate;
};

const listener: Consume = async (source, messages) => {
	const folder = await temporaryFolder();
	const file = join(folder, "listeners.json");
	const declared = {
		name: "bench",
		algorithm: "bench/Shout/1.0.0",
		source: source.type === "amqp" ? { ...source, prefetch: PREFETCH } : source,
		concurrency: 64,
		deadLetters: { type: "data", path: "data://.my/dead" },
	};
	await writeFile(file, JSON.stringify({ listeners: [declared] }));
	const child = spawnChild(
		process.execPath,
		[
			BIN,
			"serve",
			"--port=0",
			`--algorithms=${ALGORITHMS}`,
			`--state=${folder}`,
			`--listeners=${file}`,
		],
		{ env: ENV },
	);
	try {
		const url = await child.listening();
		const first = messages / 20;
		const [begun, startedAt] = await reached(url, first);
		const [done, endedAt] = await reached(url, messages);
		return ((done - begun) * 1000) / (endedAt - startedAt);
	} finally {
		await child.end();
	}
};

/** Waits until so many messages have succeeded. @returns how many, and when */
async function reached(
	url: string,
	messages: number,
): Promise<[number, number]> {
	for (;;) {
		const answer = await fetch(`${url}/v1/listeners`);
		const { listeners } = (await answer.json()) as {
			listeners: { succeeded: number; dead: number; error?: string }[];
		};
		const { succeeded = 0, dead = 0 } = listeners[0] ?? {};
		if (dead > 0) throw new Error(`${dead} messages are dead`);
		if (succeeded >= messages) return [succeeded, performance.now()];
		await new Promise((resolve) => setTimeout(resolve, POLL_MS));
	}
}
