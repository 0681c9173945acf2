import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { descendantsOf, isRunning } from "../process-table.ts";
import { until } from "../until.ts";

export interface Broker {
	/** SIGKILL, without a goodbye. Its helpers end too. */
	kill(): Promise<void>;
	/** Starts it again on the same ports and the same data; it is ready when this resolves. */
	restart(): Promise<void>;
	/** Ends it and its helpers, and removes its folder. */
	close(): Promise<void>;
}

/** Of util-linux: who ends the tests' process at once leaves no broker behind. */
const DIES_WITH_US = ["--pdeathsig", "KILL"];

/** How a broker is started, in the foreground; its helpers end with it. */
export interface Program {
	/** As errors call it. */
	name: string;
	command: string;
	args: readonly string[];
	env?: NodeJS.ProcessEnv;
	/** For its data and its log; removed at the end. */
	folder: string;
	isReady(): Promise<boolean>;
}

/** @throws Error with the end of its log, if it ends or is not ready within a minute */
export async function startBroker(program: Program): Promise<Broker> {
	let child = await start(program);
	return {
		kill: () => kill(child),
		async restart() {
			await kill(child);
			child = await start(program);
		},
		async close() {
			await kill(child);
			await rm(program.folder, { recursive: true, force: true });
		},
	};
}

async function start(program: Program): Promise<ChildProcess> {
	const { name, folder } = program;
	const logFile = join(folder, "out.log");
	const log = await open(logFile, "a");
	const child = spawn(
		"setpriv",
		[...DIES_WITH_US, program.command, ...program.args],
		{
			cwd: folder,
			env: { ...process.env, ...program.env },
			stdio: ["ignore", log.fd, log.fd],
		},
	);
	let failure: Error | undefined;
	child.once("error", (error) => {
		failure = error;
	});
	child.once("exit", (code, signal) => {
		failure = new Error(`${name} ended with ${code ?? signal}`);
	});
	try {
		await log.close();
		const isReady = () => {
			if (failure) throw failure;
			return program.isReady();
		};
		await until(`${name} is ready`, isReady, 60_000);
		return child;
	} catch (error) {
		await kill(child);
		const lines = (await readFile(logFile, "utf8")).trimEnd().split("\n");
		await rm(folder, { recursive: true });
		const end = lines.slice(-20).join("\n");
		throw new Error(`${(error as Error).message}\n${end}`);
	}
}

async function kill(child: ChildProcess): Promise<void> {
	const { pid, exitCode, signalCode } = child;
	if (pid === undefined || exitCode !== null || signalCode !== null) return;
	const exit = once(child, "exit");
	const helpers = descendantsOf(pid);
	child.kill("SIGKILL");
	await exit;
	await until("its helpers are gone", () => !helpers.some(isRunning));
}
