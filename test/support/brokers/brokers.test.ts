import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { optional } from "../../clients/optional.ts";
import { runCommand } from "../process.ts";
import { commandOf, descendantsOf, isRunning } from "../process-table.ts";
import { until } from "../until.ts";
import { type Broker, startBroker } from "./broker.ts";
import { startElasticMq } from "./elasticmq.ts";
import { startKafka } from "./kafka.ts";
import {
	kafkaMailbox,
	type Mailbox,
	rabbitMqMailbox,
	sqsMailbox,
} from "./mailbox.ts";
import { startRabbitMq } from "./rabbitmq.ts";

interface Case {
	name: string;
	/** What it consists of. */
	programs: string[];
	start(): Promise<{ broker: Broker; mailbox: Mailbox }>;
}

test.for<Case>([
	{
		name: "ElasticMQ",
		programs: ["java"],
		async start() {
			const broker = await startElasticMq();
			return { broker, mailbox: sqsMailbox(broker.endpoint) };
		},
	},
	{
		name: "RabbitMQ",
		programs: ["beam.smp", "epmd"],
		async start() {
			const broker = await startRabbitMq();
			return { broker, mailbox: rabbitMqMailbox(broker.url) };
		},
	},
	{
		name: "Kafka",
		programs: ["java"],
		async start() {
			const broker = await startKafka();
			const mailbox = kafkaMailbox({ bootstrapBrokers: broker.brokers });
			return { broker, mailbox };
		},
	},
])(
	"$name keeps messages over a kill and a restart, and leaves no process",
	{ timeout: 180_000 },
	async ({ name, programs, start }, { skip }) => {
		const before = new Set(descendantsOf(process.pid));
		const processes = () =>
			descendantsOf(process.pid).filter((pid) => !before.has(pid));
		const started = await optional(name, start);
		if (started === undefined) return skip();
		const { broker, mailbox } = started;
		const first = processes();
		try {
			await mailbox.make();
			await mailbox.send("before");
			expect(await mailbox.receive()).toBe("before");
			await mailbox.send("kept");
			await broker.kill();
			expect(first.filter(isRunning)).toEqual([]);
			await broker.restart();
			expect(await mailbox.receive()).toBe("kept");
			await mailbox.send("after");
			expect(await mailbox.receive()).toBe("after");
		} finally {
			const second = processes();
			const commands = second.map(commandOf).join("\n");
			await broker.close();
			for (const program of programs) expect(commands).toContain(program);
			expect(second.filter(isRunning)).toEqual([]);
		}
	},
);

test("a broker that ends as it starts is an error with its last words", async () => {
	const folder = await mkdtemp(join(tmpdir(), "applyd-broker-"));
	const started = startBroker({
		name: "Gone",
		command: "sh",
		args: ["-c", "echo no room; exit 3"],
		folder,
		isReady: async () => false,
	});
	await expect(started).rejects.toThrow("Gone ended with 3\nno room");
	await expect(stat(folder)).rejects.toThrow("ENOENT");
});

test("a broker ends with the tests' process, however that ends", async () => {
	const folder = await mkdtemp(join(tmpdir(), "applyd-broker-"));
	const script = `
import { startBroker } from "./broker.ts";
import { commandOf, descendantsOf } from "../process-table.ts";
const pid = () => descendantsOf(process.pid)[0];
await startBroker({
	name: "Sleep",
	command: "sleep",
	args: ["100"],
	folder: ${JSON.stringify(folder)},
	isReady: async () => commandOf(pid()) === "sleep 100",
});
process.stdout.write(String(pid()), () => process.kill(process.pid, "SIGKILL"));
`;
	const { stdout } = await runCommand(
		process.execPath,
		["--input-type=module", "--eval", script],
		{ cwd: import.meta.dirname },
	);
	await until("it has ended", () => !isRunning(Number(stdout)));
	await rm(folder, { recursive: true });
});
