// npm run bench: measures what design §6 promises, prints a table and writes bench.json.
import { writeFile } from "node:fs/promises";
import { availableParallelism, cpus, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { endAll } from "./children.ts";
import { REPOSITORY } from "./contenders/places.ts";
import { unlessLeftOut } from "./left-out.ts";
import { Generator } from "./load/load.ts";
import { type Payloads, writePayloads } from "./payloads.ts";
import { type Effort, isMet, type Row } from "./row.ts";
import { endless } from "./rows/endless.ts";
import { fanOut } from "./rows/fan-out.ts";
import { jobs, resume, smallBesideJob } from "./rows/jobs.ts";
import { idleMemory } from "./rows/memory.ts";
import { microBatch } from "./rows/micro-batch.ts";
import { modelStart, modelWorkers } from "./rows/model.ts";
import { longList, pythonLists } from "./rows/plain-lists.ts";
import { pythonCalls } from "./rows/python-calls.ts";
import { queues } from "./rows/queues.ts";
import { smallBesideHuge } from "./rows/small-beside-huge.ts";
import { spark } from "./rows/spark.ts";
import { firstAnswer } from "./rows/start.ts";
import { streams } from "./rows/streams.ts";
import { keys, lists, singleCalls } from "./rows/throughput.ts";
import { tableOf } from "./table.ts";
import { removeTemporaryFolders } from "./temporary.ts";

interface Tools {
	effort: Effort;
	generator: Generator;
	payloads: Payloads;
}

/** What `--only` may name; each gives one or more rows. */
const MEASUREMENTS: Record<string, (tools: Tools) => Promise<Row[]>> = {
	single: ({ generator, effort, payloads }) =>
		singleCalls(generator, effort, payloads.single),
	keys: ({ generator, effort, payloads }) =>
		keys(generator, effort, payloads.single),
	lists: ({ generator, effort, payloads }) =>
		lists(generator, effort, payloads.list),
	"long-list": ({ generator, effort, payloads }) =>
		longList(generator, effort, payloads.longList),
	"fan-out": ({ generator, effort, payloads }) =>
		fanOut(generator, effort, payloads.list),
	"micro-batch": ({ generator, effort, payloads }) =>
		microBatch(generator, effort, payloads.single),
	python: ({ generator, effort, payloads }) =>
		pythonCalls(generator, effort, payloads.single),
	"python-lists": ({ generator, effort, payloads }) =>
		pythonLists(generator, effort, payloads),
	"python-start": ({ effort }) => modelStart(effort),
	"python-fork": ({ effort }) => modelWorkers(effort),
	"small-beside-huge": ({ generator, effort, payloads }) =>
		smallBesideHuge(generator, effort, payloads),
	stream: ({ effort, payloads }) => streams(effort, payloads.rows),
	job: ({ effort, payloads }) => jobs(effort, payloads.rows),
	"small-beside-job": ({ generator, effort, payloads }) =>
		smallBesideJob(generator, effort, payloads),
	resume: ({ effort, payloads }) => resume(effort, payloads.rows),
	spark: ({ effort, payloads }) => spark(effort, payloads.rows),
	queues: ({ effort }) => queues(effort),
	endless: ({ effort }) => endless(effort),
	memory: ({ effort }) => idleMemory(effort),
	start: ({ effort, payloads }) => firstAnswer(effort, payloads.single),
};

const THOROUGH: Effort = { rounds: 9, seconds: 0.8, times: 5 };
const QUICK: Effort = { rounds: 3, seconds: 0.6, times: 1 };

const HELP = `npm run bench -- [OPTIONS]: measures applyd against its targets

  --quick      a minute at most, and rougher
  --only NAME  one measurement (repeatable): ${Object.keys(MEASUREMENTS).join(", ")}
  --help       this

Prints a table and writes bench.json. Figures compare with each other within one run only.
`;

async function main(): Promise<number> {
	const { values } = parseArgs({
		options: {
			quick: { type: "boolean", default: false },
			only: { type: "string", multiple: true, default: [] },
			help: { type: "boolean", default: false },
		},
	});
	if (values.help) {
		process.stdout.write(HELP);
		return 0;
	}
	const unknown = values.only.find((name) => !(name in MEASUREMENTS));
	if (unknown !== undefined) {
		process.stderr.write(`bench: no measurement ${unknown}; see --help\n`);
		return 2;
	}
	const names =
		values.only.length > 0 ? values.only : Object.keys(MEASUREMENTS);
	const rows = await measureAll(names, values.quick ? QUICK : THOROUGH);
	await writeFile(
		join(REPOSITORY, "bench.json"),
		`${JSON.stringify({ ...surroundings(), rows: rows.map((row) => ({ ...row, isMet: isMet(row) })) }, null, "\t")}\n`,
	);
	process.stdout.write(`${tableOf(rows)}\n`);
	return 0;
}

async function measureAll(names: string[], effort: Effort): Promise<Row[]> {
	const tools: Tools = {
		effort,
		generator: await Generator.start(),
		payloads: await writePayloads(),
	};
	const rows: Row[] = [];
	for (const name of names) {
		const startedAt = performance.now();
		process.stderr.write(`${name} …`);
		const measured = MEASUREMENTS[name]?.(tools) ?? Promise.resolve([]);
		rows.push(...((await unlessLeftOut(name, measured)) ?? []));
		const seconds = Math.round((performance.now() - startedAt) / 1000);
		process.stderr.write(` ${seconds} s\n`);
	}
	return rows;
}

/** What a reader must know to judge the figures. */
function surroundings() {
	return {
		at: new Date().toISOString(),
		node: process.version,
		processor: cpus()[0]?.model,
		cores: availableParallelism(),
		load: loadavg(),
		log: "applyd logs every call (its default level) to a pipe that the bench drains; bare and piscina do not log",
	};
}

async function cleanUp(): Promise<void> {
	await endAll();
	removeTemporaryFolders();
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
	process.once(signal, async () => {
		await cleanUp();
		process.exit(130);
	});
}
try {
	process.exitCode = await main();
} catch (error) {
	process.stderr.write(
		`\nbench: ${error instanceof Error ? error.message : String(error)}\n`,
	);
	process.exitCode = 1;
} finally {
	await cleanUp();
}
