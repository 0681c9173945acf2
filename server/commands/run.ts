import { open, readFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import {
	AlgoError,
	Engine,
	Events,
	InputKind,
	localCaller,
	newRequestId,
	type Outcome,
	type Ref,
	UsageError,
	Want,
} from "../../src/index.ts";
import type { Command, CommandLine } from "../command-line.ts";
import { openInsideApi, RUN_SETTINGS } from "../inside-api.ts";
import { parseRef } from "../ref.ts";

export const run: Command = {
	summary: "Runs one algorithm without a server",
	arguments: "OWNER/NAME[/VERSION] [INPUT]",
	options: {
		input: {
			type: "string",
			value: "FILE",
			help: 'the input, instead of INPUT; "-" is stdin',
		},
		lines: {
			type: "boolean",
			help: "each line is one JSON input; prints one outcome a line, in input order",
		},
		text: { type: "boolean", help: "the input is text, not JSON" },
		binary: { type: "boolean", help: "the input is bytes, not JSON" },
	},
	settings: [...RUN_SETTINGS, "maxWorkers"],
	async run(line) {
		const [refText, inline, ...rest] = line.positionals;
		if (refText === undefined)
			throw new UsageError(
				"run needs an algorithm: applyd run OWNER/NAME[/VERSION] [INPUT]",
			);
		if (rest.length > 0)
			throw new UsageError(
				`run takes one input, and got ${rest.length + 1}; quote it: '${[inline, ...rest].join(" ")}'`,
			);
		if (inline !== undefined && line.options.input !== undefined)
			throw new UsageError("INPUT and --input exclude each other");
		const ref = parseRef(refText);
		const events = new Events();
		events.on("output", ({ text }) => process.stderr.write(text));
		const engine = await Engine.start(
			{ ...line.config, watch: false, logLevel: "debug" },
			events,
		);
		const closeApi = await openInsideApi(engine);
		try {
			return line.options.lines
				? await runLines(engine, ref, line, inline)
				: await runOne(engine, ref, line, inline);
		} finally {
			await engine.close();
			await closeApi();
		}
	},
};

async function runOne(
	engine: Engine,
	ref: Ref,
	line: CommandLine,
	inline: string | undefined,
): Promise<number> {
	const kind = line.options.text
		? InputKind.TEXT
		: line.options.binary
			? InputKind.BINARY
			: InputKind.JSON;
	const outcome = await start(
		engine,
		ref,
		kind,
		Want.BARE,
		await readInput(line, inline),
	);
	if (outcome.kind === "result") {
		process.stdout.write(outcome.body);
		if (outcome.contentType !== "binary") process.stdout.write("\n");
		return 0;
	}
	const { message, stack } = errorOf(outcome);
	const text = stack?.includes(message)
		? stack
		: [message, stack].filter(Boolean).join("\n");
	process.stderr.write(`${text}\n`);
	return 1;
}

/** @returns the exit code: 1 if a line has failed */
async function runLines(
	engine: Engine,
	ref: Ref,
	line: CommandLine,
	inline: string | undefined,
): Promise<number> {
	const input = await openLines(line, inline);
	return await new Promise((resolve) => {
		try {
			engine.applyLines({
				...ref,
				...identity(),
				timeoutMs: Number.POSITIVE_INFINITY,
				input,
				output: process.stdout,
				isInOrder: true,
				failsAtOnce: false,
				onEnd: (failed) => resolve(failed === 0 ? 0 : 1),
			});
		} catch (error) {
			if (!(error instanceof AlgoError)) throw error;
			process.stderr.write(`${error.message}\n`);
			resolve(1);
		}
	});
}

async function openLines(
	line: CommandLine,
	inline: string | undefined,
): Promise<Readable> {
	const file = line.options.input;
	if (inline !== undefined) return Readable.from(Buffer.from(inline));
	if (typeof file !== "string" || file === "-") return process.stdin;
	return (await open(file)).createReadStream();
}

const identity = () => ({
	caller: localCaller("local"),
	requestId: newRequestId(),
});

function start(
	engine: Engine,
	ref: Ref,
	inputKind: number,
	wants: number,
	body: Buffer,
): Promise<Outcome> {
	return new Promise((resolve) => {
		try {
			engine.apply(
				{
					...ref,
					...identity(),
					inputKind,
					wants,
					body,
				},
				resolve,
			);
		} catch (error) {
			if (!(error instanceof AlgoError)) throw error;
			resolve({ kind: "failed", error, runMs: 0 });
		}
	});
}

async function readInput(
	line: CommandLine,
	inline: string | undefined,
): Promise<Buffer> {
	const file = line.options.input;
	if (typeof file === "string" && file !== "-") return readFile(file);
	if (file === "-" || (inline === undefined && !process.stdin.isTTY))
		return buffer(process.stdin);
	return Buffer.from(inline ?? "");
}

function errorOf(outcome: Exclude<Outcome, { kind: "result" }>): {
	message: string;
	stack?: string | undefined;
} {
	if (outcome.kind === "refused") return { message: outcome.reason };
	if (outcome.kind === "failed")
		return {
			message: outcome.error.message,
			stack: outcome.error.authorStack,
		};
	const { message, stacktrace } = JSON.parse(outcome.body.toString()).error;
	return { message, stack: stacktrace };
}
