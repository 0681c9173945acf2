import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
	InputKind,
	Kind,
	type OutcomeFields,
	readOutcome,
} from "../../../../src/protocol/frames.js";
import type {
	Ended,
	Load,
	Ready,
	Recalled,
} from "../../../../src/protocol/messages.ts";
import {
	Form,
	type OutgoingSlice,
	readOutcomes,
	readRest,
	sliceFrame,
} from "../../../../src/protocol/slice-frames.js";
import type { Connection } from "../../../../src/runners/connection.ts";
import { LaneListener } from "../../../../src/runners/lane-listener.ts";
import { launchOf } from "../../../../src/runners/launch.ts";
import { PYTHON_FIXTURES } from "../../../support/languages.ts";
import { until } from "../../../support/until.ts";

const LANE = 7;

/** Does what each item says. */
export const ITEMS = "slices/Items/1.0.0";

export const numbers = (count: number) =>
	Array.from({ length: count }, (_, i) => i);

/** The text of the outcome of an item that has failed, in a list. */
export const failure = (message: string, error_type = "AlgorithmError") =>
	JSON.stringify({ message, error_type });

/** An outcome of an item, and how it came. */
export interface ItemOutcome {
	text: string;
	hasFailed: boolean;
	/** The number of the frame that brought it, counting up on both connections. */
	frame: number;
	isRest: boolean;
}

type Ending = OutcomeFields & { text: string };

/** A real worker process with one worker, and the test in the server's place. */
export class DirectWorker {
	/** Of the slice that was sent last, by offset; those that came twice have two. */
	readonly outcomes: ItemOutcome[][] = [];
	readonly printed: string[] = [];
	ending: Ending | undefined;
	recalled: Recalled | undefined;
	ended: Ended | undefined;
	ready: Ready | undefined;
	/** Frames of outcomes that had none, by what they said is written. */
	readonly empty: { isRest: boolean; offset: number }[] = [];
	runMs = 0;
	#frames = 0;
	#slice = 0;
	readonly #folder: string;
	readonly #child: ChildProcess;
	readonly #listener: LaneListener;
	#control: Connection | undefined;
	#lane: Connection | undefined;

	private constructor(
		folder: string,
		child: ChildProcess,
		listener: LaneListener,
	) {
		this.#folder = folder;
		this.#child = child;
		this.#listener = listener;
	}

	/** @param algorithm a Python fixture, `forms/Batch/1.0.0` */
	static async start(algorithm: string, options: Partial<Load> = {}) {
		const own = await mkdtemp(join(tmpdir(), "applyd-test-"));
		const listener = new LaneListener(join(own, "socket"));
		const folder = join(PYTHON_FIXTURES, algorithm);
		const python = {
			interpreter: process.env.APPLYD_PYTHON ?? "python3",
			installation: [],
		};
		const launch = await launchOf(
			{ language: "python", python: Promise.resolve(python) } as never,
			folder,
		);
		const token = listener.expect((control) => {
			worker.#control = control;
			control.onFrame = (kind, payload) => worker.#onControl(kind, payload);
			control.sendJson(Kind.OPEN, { lane: LANE, token: laneToken, load });
		});
		const laneToken = listener.expect((lane) => {
			worker.#lane = lane;
			lane.onFrame = (kind, payload) => worker.#onLane(kind, payload);
		});
		const load: Load = {
			algorithm,
			folder,
			entry: join(folder, "index.py"),
			memoryMb: 256,
			maxOutputBytes: 1_000_000,
			maxBatchItems: 256,
			microBatch: false,
			env: { TMPDIR: join(own, "temp") },
			loadEnv: {},
			fork: false,
			sendOutput: false,
			...options,
		};
		const child = spawn(launch.command, launch.args, {
			cwd: folder,
			env: {
				...launch.env,
				APPLYD_SOCKET: listener.path,
				APPLYD_TOKEN: token,
				APPLYD_MEMORY_MB: String(load.memoryMb),
				APPLYD_TEMP: own,
			},
			detached: true,
			stdio: ["ignore", "inherit", "inherit"],
		});
		const worker = new DirectWorker(own, child, listener);
		await until("the worker is ready", () => worker.ready);
		return worker;
	}

	/** The items as JSON in a list, or as they are in lines. */
	send(items: unknown[], options: Partial<OutgoingSlice> = {}): void {
		const form = options.form ?? Form.LIST;
		const pieces =
			form === Form.LIST
				? items.map((item) => JSON.stringify(item)).join(",")
				: items.join("\n");
		this.outcomes.length = this.empty.length = 0;
		this.ending = this.recalled = undefined;
		this.runMs = 0;
		this.#lane?.send(
			sliceFrame(
				{
					id: ++this.#slice,
					inputKind: InputKind.JSON,
					wants: 0,
					requestId: "req-test",
					account: "local",
					firstIndex: 0,
					count: items.length,
					form,
					flags: 0,
					itemTimeoutMs: Number.POSITIVE_INFINITY,
					pieces: [Buffer.from(pieces)],
					...options,
				},
				60_000,
			),
		);
	}

	/** @returns the texts of the outcomes, when the slice has ended */
	async run(items: unknown[], options: Partial<OutgoingSlice> = {}) {
		this.send(items, options);
		await until("the slice has ended", () => this.ending);
		return this.texts;
	}

	/** The worker's own folder. */
	get temp(): string {
		return join(this.#folder, "temp");
	}

	get texts(): string[] {
		return Array.from(
			this.outcomes,
			(sent) => sent?.[0]?.text ?? "none has come",
		);
	}

	/**
	 * @param last the slice that is meant, if not the last one
	 * @returns which call was running, when no further item can start
	 */
	async recall(last = this.#slice) {
		this.#control?.sendJson(Kind.RECALL, { lane: LANE, last });
		return (await until("it is recalled", () => this.recalled)).started;
	}

	end(): void {
		this.#control?.sendJson(Kind.END, { lane: LANE });
	}

	async gone(): Promise<Ended> {
		return until("the worker has ended", () => this.ended);
	}

	async close(): Promise<void> {
		const exit = once(this.#child, "exit");
		this.#control?.close();
		await exit;
		this.#lane?.close();
		this.#listener.close();
		await rm(this.#folder, { recursive: true });
	}

	#onControl(kind: number, payload: Buffer): void {
		if (kind === Kind.REST) {
			const { lane, outcomes } = readRest(payload);
			if (lane === LANE) this.#take(outcomes, true);
		}
		if (kind === Kind.RECALLED) this.recalled = JSON.parse(payload.toString());
		if (kind === Kind.ENDED) this.ended = JSON.parse(payload.toString());
	}

	#onLane(kind: number, payload: Buffer): void {
		if (kind === Kind.READY) this.ready = JSON.parse(payload.toString());
		if (kind === Kind.OUTPUT)
			this.printed.push(JSON.parse(payload.toString()).text);
		if (kind === Kind.OUTCOMES) this.#take(readOutcomes(payload), false);
		if (kind === Kind.OUTCOME) {
			const outcome = readOutcome(payload);
			if (outcome.id === this.#slice)
				this.ending = { ...outcome, text: outcome.body.toString() };
		}
	}

	#take(frame: ReturnType<typeof readOutcomes>, isRest: boolean): void {
		if (frame.id !== this.#slice) return;
		this.#frames++;
		if (frame.lengths.length === 0)
			this.empty.push({ isRest, offset: frame.offset });
		this.runMs += frame.runMs;
		let at = 0;
		frame.lengths.forEach((length, i) => {
			const end = at + (length >> 1);
			const offset = frame.offset + i;
			this.outcomes[offset] ??= [];
			this.outcomes[offset].push({
				text: frame.text.toString("utf8", at, end),
				hasFailed: length % 2 === 1,
				frame: this.#frames,
				isRest,
			});
			at = end;
		});
		if (at !== frame.text.length) throw new Error("lengths do not fit");
	}
}
