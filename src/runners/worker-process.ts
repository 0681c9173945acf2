import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import type { Readable } from "node:stream";
import type { KillCause } from "../events.ts";
import { Kind } from "../protocol/frames.js";
import type { Ended, Open, Recalled } from "../protocol/messages.ts";
import { type OutcomesFields, readRest } from "../protocol/slice-frames.js";
import type { Connection } from "./connection.ts";
import { type Held, Members } from "./containment/members.ts";
import type { OwnFolder } from "./containment/own-folder.ts";
import { killGroup } from "./containment/tools.ts";
import { LaneListener } from "./lane-listener.ts";
import type { Launch } from "./launch.ts";

/** What bwrap needs on a busy machine to see that its process has ended. */
const LAST_WORDS_MS = 100;

/** How a worker process ended, as a shell would say it: 128 + the signal's number for a signal. */
export interface ProcessExit {
	exitCode: number;
	cause: KillCause | "ended";
	/** Why it never began. */
	fault?: string;
}

/** What a process tells of its workers. */
export interface ProcessListener {
	onRecalled(message: Recalled): void;
	onRest(lane: number, outcomes: OutcomesFields): void;
	onEnded(message: Ended): void;
	onExit(exit: ProcessExit): void;
	onOutput(text: string): void;
}

/** A child of the server that holds one or more workers of one algorithm version. */
export class WorkerProcess {
	readonly #child: ChildProcess;
	readonly #lanes: LaneListener;
	readonly #members: Members;
	#control: Connection | undefined;
	#unsent: Open[] = [];
	#killedFor: KillCause | "ended" | undefined;
	#isGone = false;
	/** It has held too much: pages that a dead worker leaves behind would be counted against the next. */
	isSpent = false;
	/** Workers that were told to end and have not: those that will not take the process with them. */
	readonly #ending = new Set<number>();

	constructor(
		own: OwnFolder,
		launch: Launch,
		memoryMb: number,
		listener: ProcessListener,
	) {
		this.#lanes = new LaneListener(own.socket);
		const token = this.expect((connection) =>
			this.#connected(connection, listener),
		);
		// A group of its own: what author code starts ends with it, and a Ctrl-C in our terminal does not reach it.
		this.#child = spawn(launch.command, launch.args, {
			cwd: launch.folder,
			env: {
				...launch.env,
				APPLYD_SOCKET: own.socket,
				APPLYD_TOKEN: token,
				APPLYD_MEMORY_MB: String(memoryMb),
			},
			detached: true,
			stdio: [
				...["ignore" as const, "pipe" as const, "pipe" as const],
				...(launch.inner ? ["pipe" as const] : []),
			],
		});
		this.#members = new Members(
			this.#child.pid,
			launch.inner && (this.#child.stdio[3] as Readable),
			launch.inner === "namespace",
		);
		let said = "";
		for (const stream of [this.#child.stdout, this.#child.stderr]) {
			stream?.setEncoding("utf8").on("data", (text: string) => {
				if (!this.#control) said += text;
				listener.onOutput(text);
			});
		}
		let isOver = false;
		const over = (exit: ProcessExit) => {
			if (isOver) return;
			isOver = true;
			this.#isGone = true;
			this.#lanes.close();
			killGroup(this.#child);
			listener.onExit(exit);
		};
		this.#child.on("exit", (code, signal) => {
			const exit: ProcessExit = {
				exitCode: code ?? (signal ? 128 + constants.signals[signal] : -99),
				cause: (signal === "SIGKILL" && this.#killedFor) || "crash",
			};
			if (this.#control || this.#killedFor) over(exit);
			else
				this.#child.on("close", () => {
					const fault = said.trim().split("\n").at(-1);
					over(fault ? { ...exit, fault } : exit);
				});
		});
		this.#child.on("error", ({ message }) =>
			over({
				exitCode: -99,
				cause: "crash",
				fault: `${launch.command} cannot be started: ${message}`,
			}),
		);
	}

	get isGone(): boolean {
		return this.#isGone || this.#killedFor !== undefined;
	}

	/** Whether it is safe to start something in it: a worker that cannot be ended costs its process. */
	get isSteady(): boolean {
		return this.#ending.size === 0;
	}

	/** The process whose end is the end of all that this one has started, if there is one. */
	get root(): number | undefined {
		return this.#members.root;
	}

	/** @returns a token; the connection that says it is handed to `onConnection` */
	expect(onConnection: (connection: Connection) => void): string {
		return this.#lanes.expect(onConnection);
	}

	open(message: Open): void {
		if (this.#control) this.#control.sendJson(Kind.OPEN, message);
		else this.#unsent.push(message);
	}

	recall(lane: number, last: number): void {
		this.#control?.sendJson(Kind.RECALL, { lane, last });
	}

	end(lane: number): void {
		this.#ending.add(lane);
		this.#unsent = this.#unsent.filter((open) => open.lane !== lane);
		this.#control?.sendJson(Kind.END, { lane });
	}

	/** Ends the process and all that it started, at once. */
	kill(cause: KillCause | "ended"): void {
		this.#killedFor ??= cause;
		killGroup(this.#child);
	}

	/** What the process holds, with all that it has started as far as that can be seen. */
	held(limitBytes: number, maxTasks: number): Promise<Held> {
		return this.#members.held(limitBytes, maxTasks);
	}

	#connected(connection: Connection, listener: ProcessListener): void {
		this.#control = connection;
		connection.onFrame = (kind, payload) => {
			if (kind === Kind.REST) {
				const { lane, outcomes } = readRest(payload);
				listener.onRest(lane, outcomes);
				return;
			}
			const message = JSON.parse(payload.toString());
			if (kind === Kind.RECALLED) listener.onRecalled(message);
			else if (kind === Kind.ENDED) {
				this.#ending.delete(message.lane);
				listener.onEnded(message);
			}
		};
		// A process without its control connection cannot be steered, whatever it still does. It is most likely ending,
		// and what is around it tells in a moment how.
		connection.onClose = () => {
			this.#killedFor ??= "exit";
			setTimeout(() => {
				if (!this.#isGone) killGroup(this.#child);
			}, LAST_WORDS_MS).unref();
		};
		for (const open of this.#unsent) connection.sendJson(Kind.OPEN, open);
		this.#unsent = [];
	}
}
