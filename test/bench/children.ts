import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { treeOf } from "./processes.ts";

/** How long a process may take to end when asked. */
const GRACE_MS = 2000;

const alive = new Set<Child>();

/** A process that was started here, and is ended here whatever happens. */
export class Child {
	readonly process: ChildProcess;
	readonly #isGroup: boolean;
	#messages: unknown[] = [];
	#onMessage: ((message: unknown) => void) | undefined;
	#onDead: ((error: Error) => void) | undefined;

	/** @param isGroup it leads a process group, which ends with it */
	constructor(process: ChildProcess, isGroup = false) {
		this.process = process;
		this.#isGroup = isGroup;
		alive.add(this);
		process.on("message", (message) => {
			if (this.#onMessage) this.#onMessage(message);
			else this.#messages.push(message);
		});
		process.on("exit", (code, signal) => {
			this.#dead(`ended with ${code ?? signal}`);
		});
		process.on("error", (error) => {
			this.#dead(`did not start: ${error.message}`);
		});
	}

	get hasEnded(): boolean {
		return !alive.has(this);
	}

	get pid(): number {
		return this.process.pid as number;
	}

	send(message: object | number): void {
		this.process.send?.(message);
	}

	/** The next message over IPC. @throws Error the process ended instead */
	message(): Promise<unknown> {
		if (this.#messages.length > 0)
			return Promise.resolve(this.#messages.shift());
		return this.#unlessDead((resolve) => {
			this.#onMessage = (message) => {
				this.#onMessage = undefined;
				resolve(message);
			};
		});
	}

	/** The `url` of the line that a server writes when it listens; all it writes later is read and thrown away. */
	listening(): Promise<string> {
		return this.#unlessDead((resolve) => {
			let text = "";
			const onData = (chunk: Buffer) => {
				text += chunk;
				const lines = text.split("\n");
				text = lines.pop() ?? "";
				for (const line of lines) {
					if (!line.includes('"msg":"listening"')) continue;
					this.process.stdout?.off("data", onData).resume();
					resolve(JSON.parse(line).url);
				}
			};
			this.process.stdout?.on("data", onData);
		});
	}

	/** All that it writes until it ends. @throws Error it did not start, or ended with another code than 0 */
	async output(): Promise<string> {
		const command = this.process.spawnargs.join(" ");
		const chunks: Buffer[] = [];
		this.process.stdout?.on("data", (chunk) => chunks.push(chunk));
		const [code, signal] = await once(this.process, "close");
		if (code === 0) return Buffer.concat(chunks).toString();
		throw new Error(`${command} ended with ${code ?? signal}`);
	}

	/** Asks it to end, insists after a while, and resolves when it is gone. */
	async end(): Promise<void> {
		if (!alive.has(this)) return;
		const gone = once(this.process, "exit");
		this.#onDead = undefined;
		// Some of it may have groups of their own.
		const below = this.#isGroup ? (await treeOf(this.pid)).slice(1) : [];
		this.kill("SIGTERM");
		const insist = setTimeout(() => this.kill("SIGKILL"), GRACE_MS);
		await gone;
		clearTimeout(insist);
		if (!this.#isGroup) return;
		this.kill("SIGKILL"); // what the leader may have left behind
		for (const pid of below) kill(pid, "SIGKILL");
	}

	kill(signal: NodeJS.Signals): void {
		kill(this.#isGroup ? -this.pid : this.pid, signal);
	}

	#dead(how: string): void {
		alive.delete(this);
		this.#onDead?.(new Error(`${this.process.spawnargs.join(" ")} ${how}`));
	}

	#unlessDead<T>(start: (resolve: (value: T) => void) => void): Promise<T> {
		return new Promise((resolve, reject) => {
			this.#onDead = reject;
			start((value) => {
				this.#onDead = undefined;
				resolve(value);
			});
		});
	}
}

function kill(pid: number, signal: NodeJS.Signals): void {
	try {
		process.kill(pid, signal);
	} catch {
		// gone already
	}
}

/** A child with a channel for messages, which runs the same Node as we do. */
export function forkChild(file: string, args: string[] = []): Child {
	return new Child(fork(file, args, { env: cleanEnvironment() }));
}

/** A child whose stdout is a pipe that we drain. */
export function spawnChild(
	command: string,
	args: string[],
	options: {
		cwd?: string;
		env?: NodeJS.ProcessEnv;
		/** Leads a process group of its own. */
		isGroup?: boolean;
		/** Its stderr is a pipe too, and not ours. */
		isQuiet?: boolean;
	} = {},
): Child {
	const { cwd, env, isGroup = false, isQuiet = false } = options;
	return new Child(
		spawn(command, args, {
			cwd,
			env: { ...cleanEnvironment(), ...env },
			stdio: ["ignore", "pipe", isQuiet ? "pipe" : "inherit"],
			detached: isGroup,
		}),
		isGroup,
	);
}

/** Ends whatever still runs. */
export async function endAll(): Promise<void> {
	await Promise.all([...alive].map((child) => child.end()));
}

/** Settings of the shell, or of npm, are not the servers'. */
function cleanEnvironment(): NodeJS.ProcessEnv {
	return Object.fromEntries(
		Object.entries(process.env).filter(
			([name]) =>
				!/^(APPLYD_|npm_|NODE_ENV$|NODE_OPTIONS$|DATABASE_URL$)/.test(name),
		),
	);
}
