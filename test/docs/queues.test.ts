import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { optional } from "../clients/optional.ts";
import { pythonClient } from "../clients/python/client.ts";
import { EXAMPLES } from "../support/app.ts";
import {
	type Block,
	blocksOf,
	type Example,
	examplesOf,
	readDocument,
} from "../support/document.ts";
import { freePorts } from "../support/ports.ts";
import {
	BIN,
	runCommand,
	type ServerProcess,
	startProcess,
} from "../support/process.ts";
import { until } from "../support/until.ts";
import {
	elasticMq,
	kafka,
	type PreparedBroker,
	rabbitMq,
} from "./queue-brokers.ts";

const guide = await readDocument("docs/queues.md");
const blocks = blocksOf(guide);
const REQUIREMENTS = resolve(import.meta.dirname, "queues-requirements.txt");
const python = await optional("what the guide sends by", () =>
	pythonClient(REQUIREMENTS),
);

/** What the guide calls a command, and where the test has it. */
const COMMANDS = `
curl() { command curl -sS "$@"; }
npx() { shift; "${process.execPath}" "${BIN}" "$@"; }
`;

/** Of what messages do, which takes its time, the guide tells the end. Looking again changes nothing. */
const LOOKS =
	/^(curl (-s )?\S+( \| .*)?|export \w+=\$\(curl .*|npx applyd listener list|python results.py|sort .*)$/;

interface Step extends Example {
	/** What the reader has saved since the step before. */
	files: Block[];
	/** The type of the source of the listener that runs then. */
	broker: string;
}

function stepsOf(): Step[] {
	const steps: Step[] = [];
	let files: Block[] = [];
	let broker = "";
	for (const block of blocks) {
		const { language, file, text } = block;
		if (file !== undefined) files.push(block);
		if (file === "listeners.json")
			broker = JSON.parse(text).listeners[0].source.type;
		if (language !== "console") continue;
		for (const example of examplesOf(block)) {
			steps.push({ ...example, files, broker });
			files = [];
		}
	}
	return steps;
}

const steps = stepsOf();

describe.skipIf(python === undefined)(
	"every example of docs/queues.md, in order",
	() => {
		let folder: string;
		let brokers: Record<string, PreparedBroker | undefined>;
		/** What is not as it is shown. */
		const addresses: [string, string][] = [];
		let server: ServerProcess;
		beforeAll(async () => {
			folder = await mkdtemp(join(tmpdir(), "applyd-queues-"));
			const [amqp, sqs, ofKafka] = await Promise.all([
				optional("RabbitMQ", rabbitMq),
				optional("SQS", elasticMq),
				optional("Kafka", kafka),
			]);
			brokers = { amqp, sqs, kafka: ofKafka };
			for (const one of Object.values(brokers))
				if (one) addresses.push(one.address);
			const [hook, port] = await freePorts(2);
			addresses.push(
				['"localhost", 9000', `"localhost", ${hook}`],
				["localhost:9000", `localhost:${hook}`],
				["localhost:8080", `localhost:${port}`],
			);
			await saveAll(steps[0]?.files.splice(0) ?? []);
			const variables = blocks.find(({ language }) => language === "sh");
			await type(variables?.text ?? "");
			server = await startProcess(
				[
					"--algorithms",
					[EXAMPLES, join(folder, "algorithms")].join(":"),
					"--listeners",
					join(folder, "listeners.json"),
					"--port",
					String(port),
				],
				await exported(),
			);
		}, 180_000);
		afterAll(async () => {
			await server?.close();
			for (const one of Object.values(brokers ?? {})) await one?.broker.close();
			await rm(folder, { recursive: true, force: true });
		}, 60_000);

		const here = (text: string) =>
			addresses.reduce((all, [there, is]) => all.replaceAll(there, is), text);

		async function saveAll(files: readonly Block[]): Promise<void> {
			for (const { file = "", text } of files) {
				const path = join(folder, file);
				const isChange = file === "listeners.json" && existsSync(path);
				const reloads = server && reloaded();
				await mkdir(dirname(path), { recursive: true });
				await writeFile(path, here(text));
				if (isChange)
					await until("it is reloaded", () => reloaded() > (reloads ?? 0));
			}
		}
		const reloaded = () =>
			server.log.filter(({ change }) => change === "reloaded").length;

		/** As in one terminal: what one command exports, the next one has. */
		async function type(command: string): Promise<string> {
			const variables = join(folder, "exported");
			const script = `${COMMANDS}[ -f "${variables}" ] && . "${variables}"
				${here(command)}
				code=$?; export -p > "${variables}"; exit $code`;
			const { code, stdout } = await runCommand(
				"bash",
				["--norc", "-c", `{ ${script}\n} 2>&1`],
				{
					cwd: folder,
					env: {
						...process.env,
						PATH: [python, process.env.PATH].join(delimiter),
					},
				},
			);
			expect(code, `${command}\n${stdout}`).toBe(0);
			return inOrder(stdout.trimEnd());
		}

		const exported = async (): Promise<NodeJS.ProcessEnv> => {
			const text = await readFile(join(folder, "exported"), "utf8");
			return Object.fromEntries(
				[...text.matchAll(/^declare -x (\w+)="(.*)"$/gm)].map(
					([, name = "", value]) => [name, value],
				),
			);
		};

		test("there are some, of each broker", () => {
			expect(steps.length).toBeGreaterThan(20);
			expect([...new Set(steps.map(({ broker }) => broker))].sort()).toEqual([
				"amqp",
				"kafka",
				"sqs",
			]);
		});

		for (const { command, output, files, broker } of steps)
			test(command, { timeout: 60_000 }, async ({ skip }) => {
				await saveAll(files);
				if (!brokers[broker]) return skip();
				let seen = await type(command);
				if (LOOKS.test(command))
					await until(
						`${command} prints ${output}`,
						async () => {
							if (output.test(seen)) return true;
							seen = await type(command);
							return output.test(seen);
						},
						30_000,
					).catch(() => {});
				expect(seen).toMatch(output);
			});
	},
);

/** Results come in any order, and the guide shows them in that of their inputs. */
function inOrder(text: string): string {
	const lines = text.split("\n");
	if (!lines.every((line) => line.startsWith('{"messageId"'))) return text;
	const resultOf = (line: string) => line.replace(/^.*?"result":/, "");
	return lines.sort((a, b) => (resultOf(a) < resultOf(b) ? -1 : 1)).join("\n");
}
