import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { FIXTURES, SHARED_CODE } from "./app.ts";
import { until } from "./until.ts";

export const BIN = resolve(import.meta.dirname, "../../server/applyd.js");

export interface CommandResult {
	code: number | null;
	stdout: string;
	stderr: string;
}

export interface CommandOptions {
	cwd?: string;
	env?: NodeJS.ProcessEnv;
	stdin?: string;
}

/** Runs `applyd` with these arguments to its end. */
export const applyd = (
	args: string[],
	options: CommandOptions = {},
): Promise<CommandResult> =>
	runCommand(process.execPath, [BIN, ...args], {
		...options,
		env: cleanEnvironment(options.env),
	});

/** Runs any command to its end. */
export async function runCommand(
	command: string,
	args: string[],
	{ cwd, env, stdin = "" }: CommandOptions = {},
): Promise<CommandResult> {
	const child = spawn(command, args, { cwd, env });
	child.stdin.on("error", () => {}); // it may end without reading
	child.stdin.end(stdin);
	let stdout = "";
	let stderr = "";
	child.stdout.setEncoding("utf8").on("data", (text) => {
		stdout += text;
	});
	child.stderr.setEncoding("utf8").on("data", (text) => {
		stderr += text;
	});
	const [code] = await once(child, "close");
	return { code, stdout, stderr };
}

export interface ServerProcess {
	child: ChildProcess;
	url: string;
	log: Record<string, unknown>[];
	/** Resolves with the exit code, or the signal's name. */
	ended: Promise<number | string>;
	/** Kills it if it still runs, and removes its state. */
	close(): Promise<void>;
}

/** Starts `applyd serve` as a process of its own, on a free port. */
export async function startProcess(
	args: string[] = [],
	env: NodeJS.ProcessEnv = {},
): Promise<ServerProcess> {
	const state = await mkdtemp(join(tmpdir(), "applyd-test-"));
	const hasRoot = args.includes("--algorithms");
	const child = spawn(
		process.execPath,
		[
			BIN,
			"serve",
			"--port",
			"0",
			"--state",
			state,
			...(hasRoot ? [] : ["--algorithms", FIXTURES]),
			"--allow-read",
			SHARED_CODE,
			...args,
		],
		{
			env: cleanEnvironment(env),
			stdio: ["ignore", "pipe", "inherit"],
		},
	);
	const log: Record<string, unknown>[] = [];
	let rest = "";
	child.stdout?.on("data", (chunk) => {
		const lines = (rest + chunk).split("\n");
		rest = lines.pop() ?? "";
		for (const line of lines) log.push(JSON.parse(line));
	});
	const ended = once(child, "exit").then(([code, signal]) => code ?? signal);
	const listening = await until(
		"the server listens",
		() =>
			log.find(({ msg }) => msg === "listening") ??
			(child.exitCode === null ? false : { url: "" }),
	);
	return {
		child,
		url: String(listening.url),
		log,
		ended,
		async close() {
			if (child.exitCode === null && child.signalCode === null)
				child.kill("SIGKILL");
			await ended;
			await rm(state, { recursive: true, force: true });
		},
	};
}

/** The tests' own settings are not the server's. */
function cleanEnvironment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
	const kept = Object.entries(process.env).filter(
		([name]) =>
			!name.startsWith("APPLYD_") &&
			!name.startsWith("VITEST") &&
			name !== "NODE_ENV",
	);
	return { ...Object.fromEntries(kept), ...extra };
}
