import type { AlgoError } from "../errors.ts";
import type { KillCause } from "../events.ts";
import { callsFrame, Kind, readOutcome } from "../protocol/frames.js";
import type { Ended, Ready, Recalled } from "../protocol/messages.ts";
import {
	type OutcomesFields,
	readOutcomes,
	sliceFrame,
} from "../protocol/slice-frames.js";
import { answerAsk } from "./asks.ts";
import { Batch } from "./batch.ts";
import type { Call, CallHolder } from "./call.ts";
import type { Connection } from "./connection.ts";
import { endOverdue } from "./deadline.ts";
import type { OwnerOf } from "./lane-owner.ts";
import { outcomeOf } from "./outcome.ts";
import { SentCalls } from "./sent-calls.ts";
import { Slice, type SliceHolder } from "./slice.ts";
import {
	blamedOf,
	type Company,
	errorOf,
	killCauseOf,
	loadingFailed,
	WorkerEnd,
} from "./worker-end.ts";
import type { ProcessExit, WorkerProcess } from "./worker-process.ts";

/** A cancelled call has this long to notice `context.signal` and keep its worker alive. */
const CANCEL_GRACE_MS = 25;
/** A group whose next outcome is later than this is no group of short calls: what has not started goes elsewhere. */
const RECALL_AFTER_MS = 10;
/** The same for a slice. What has ended before is stuck in its worker meanwhile, and comes with the recall. */
const RECALL_SLICE_AFTER_MS = 50;

/** With so few calls left, a worker gets more before it must wait for them. */
const REFILL_AT = 24;

export type LaneOwner = OwnerOf<Lane>;

/** The server's end of one worker: it hands over groups of calls and takes their outcomes. */
export class Lane implements CallHolder, SliceHolder {
	readonly number: number;
	readonly process: WorkerProcess;
	state: "starting" | "idle" | "busy" | "ending" | "gone" = "starting";
	readonly startedAt = performance.now();
	readyAt = 0;
	idleSince = 0;
	/** After the calls it has, it must not get more. */
	isRetired = false;
	/** Its slice is to start no further item: recalled now, or as soon as an earlier recall is known to be over. */
	#isStopping = false;
	/** Whether items start in groups there. */
	isBatch = false;
	readonly #owner: LaneOwner;
	#connection: Connection | undefined;
	readonly #calls = new SentCalls();
	#progressAt = 0;
	readonly #end: WorkerEnd;

	constructor(number: number, process: WorkerProcess, owner: LaneOwner) {
		this.number = number;
		this.process = process;
		this.#owner = owner;
		this.#end = new WorkerEnd({
			number,
			process,
			isAlone: () => owner.isAlone(this),
			onOver: (ended) => this.#over(ended),
		});
	}

	connected(connection: Connection): void {
		this.#connection = connection;
		connection.onFrame = (kind, payload) => this.#receive(kind, payload);
		this.#end.connected(connection);
	}

	/** Whether its death counts against its version. */
	get deathCounts(): boolean {
		return this.#end.counts;
	}

	/** Whether its worker is not needed until calls that its code makes have ended. */
	get isWaiting(): boolean {
		return this.#calls.waiting !== undefined;
	}

	/** How deep in its tree the call is that it runs; 0 if it runs none. */
	get depth(): number {
		return this.#calls.depth;
	}

	/** The slice that it runs. */
	get slice(): Slice | undefined {
		return this.#calls.slice;
	}

	/** How many calls it can be given, of a version whose calls travel in groups of `groupSize`. */
	room(groupSize: number): number {
		if (this.isRetired || this.#end.isClosed) return 0;
		if (!this.process.isSteady || this.isWaiting) return 0;
		if (this.state === "idle") return groupSize;
		return this.state === "busy" &&
			this.slice === undefined &&
			this.#calls.batch === undefined &&
			this.#calls.isOpen &&
			this.#calls.length <= REFILL_AT
			? groupSize - this.#calls.length
			: 0;
	}

	/** Hands over calls, behind those it has. */
	send(calls: Call[]): void {
		this.#send(calls, Kind.CALLS);
	}

	/** Hands over calls that are to be run together; the lane is idle. */
	sendBatch(calls: Call[]): void {
		this.#calls.batch = new Batch(calls);
		this.#send(calls, Kind.BATCH);
	}

	#send(calls: Call[], kind: number): void {
		for (const call of calls) call.holder = this;
		const now = this.#take(calls);
		this.#connection?.send(callsFrame(calls, now, kind));
	}

	/**
	 * Hands over a slice; the lane is idle.
	 * @param maxBatchItems how many items start together if the module has `applyBatch`
	 */
	sendSlice(slice: Slice, maxBatchItems: number): void {
		slice.begin(this, this.isBatch && !slice.isSingly ? maxBatchItems : 1);
		const now = this.#take([slice]);
		this.#connection?.send(sliceFrame(slice, slice.remainingMs(now)));
	}

	#take(calls: Call[]): number {
		const now = performance.now();
		if (this.#calls.length === 0) this.#progressAt = now;
		this.state = "busy";
		this.#calls.add(calls);
		return now;
	}

	stop(slice: Slice): void {
		if (this.slice !== slice || this.state !== "busy") return;
		if (this.#calls.hasRecalled(slice.id)) {
			slice.stopped();
			return;
		}
		if (slice.isEnding)
			this.#end.killProcessUnless(
				() => this.slice !== slice || !this.#isStopping,
			);
		if (this.#isStopping) return;
		this.#isStopping = true;
		this.#recall();
	}

	/** Outcomes that its worker had not written, its process says. */
	rest(outcomes: OutcomesFields): void {
		if (this.slice?.id === outcomes.id) this.slice.receiveRest(outcomes);
	}

	/** A call is over before its outcome: let its code notice, then end it if it is the one that runs. */
	release(call: Call): void {
		this.#connection?.sendJson(Kind.CANCEL, { call: call.id });
		const cause = killCauseOf(call.endedBy);
		const isStopped = () =>
			!this.#calls.all.includes(call) || this.state !== "busy";
		setTimeout(() => {
			if (isStopped() || this.#calls.batch?.isWanted) return;
			this.#end.killCause ??= cause;
			if (this.#recall()) this.#end.killProcessUnless(isStopped);
			else this.end(cause);
		}, CANCEL_GRACE_MS);
	}

	/** Called every few milliseconds while calls are open. */
	tick(now: number): void {
		endOverdue(this.#calls.all, now);
		const isLate = () => {
			const { slice } = this;
			const isGroup = slice ? slice.canGiveBack : this.#calls.isGroup;
			const afterMs = slice ? RECALL_SLICE_AFTER_MS : RECALL_AFTER_MS;
			const waitsMs = now - this.#progressAt;
			return this.state === "busy" && isGroup && waitsMs > afterMs;
		};
		// Outcomes that arrived while this thread was busy are read before they are missed.
		if (isLate()) setImmediate(() => isLate() && this.#recall());
	}

	/** Ends the worker now, whatever it does. */
	end(cause: KillCause | "ended"): void {
		if (this.state === "ending" || this.state === "gone") return;
		this.state = "ending";
		this.#end.begin(cause);
	}

	/** The server ends: whoever still waits is told so. */
	abandon(error: AlgoError): void {
		for (const call of this.#calls.all)
			call.finish({ kind: "failed", error, runMs: 0 });
	}

	/** A load that takes too long, or a version that cannot be: the worker is ended with an error for those who wait. */
	fail(error: AlgoError, cause: KillCause | "ended"): void {
		this.#end.failure ??= error;
		this.end(cause);
	}

	/**
	 * The call that its code runs now, or speaks for. Of a group only the worker knows; calls that it has not started are
	 * taken back by the way.
	 */
	async runningCall(): Promise<Call | undefined> {
		if (this.#calls.isGroup && this.#recall()) await this.#calls.recalled();
		return this.#calls.batch
			? this.#calls.batch.speaker
			: this.#calls.all.at(-1);
	}

	recalled({ started }: Recalled): void {
		this.#giveBack(this.#calls.takeBack(started));
		const { slice } = this;
		if (slice && !this.#calls.hasRecalled(slice.id)) {
			// An earlier one was meant, which has ended meanwhile.
			if (this.#isStopping) this.#recall();
			return;
		}
		this.#isStopping = false;
		if (slice) {
			slice.stopped(); // if it is over, it has its time to notice
			return;
		}
		if (this.#calls.find(started)?.isOver)
			this.end(this.#end.killCause ?? "timeout");
		else if (this.#calls.length === 0 && this.state === "busy")
			this.#becomeIdle();
	}

	/** The worker is gone, its process says. */
	ended(message: Ended): void {
		this.#end.told(message);
	}

	/** The process is gone, and this worker with it. */
	processExited(exit: ProcessExit, company: Company): void {
		this.#end.processExited(exit, company, this.state === "starting");
	}

	/** Takes back what has not started. @returns false if all that it has to tell is known already */
	#recall(): boolean {
		if (this.#calls.isRecalling) return true;
		if (!this.#calls.isOpen || this.state !== "busy") return false;
		this.process.recall(this.number, this.#calls.recall());
		return true;
	}

	#receive(kind: number, payload: Buffer): void {
		if (kind === Kind.OUTCOME) this.#answer(payload);
		else if (kind === Kind.OUTCOMES) this.#receiveOutcomes(payload);
		else if (kind === Kind.READY) {
			const { isBatch }: Ready = JSON.parse(payload.toString());
			this.isBatch = isBatch;
			this.readyAt = performance.now();
			this.state = "idle";
			this.idleSince = this.readyAt;
			this.#owner.onReady(this);
		} else if (kind === Kind.ASK) void this.#asked(payload);
		else if (kind === Kind.APART) this.#takeApart();
		else {
			const message = JSON.parse(payload.toString());
			if (kind === Kind.FAILED) this.fail(loadingFailed(message), "ended");
			else if (kind === Kind.OUTPUT) this.#owner.onOutput(message);
			else if (kind === Kind.STRAY) {
				this.isRetired = true;
				this.#owner.onStray(message);
				if (this.state === "idle") this.end("ended");
			}
		}
	}

	#receiveOutcomes(payload: Buffer): void {
		const outcomes = readOutcomes(payload);
		const { slice } = this;
		if (slice?.id !== outcomes.id) {
			this.process.kill("exit"); // outcomes nobody asked for: the lane cannot be trusted
			return;
		}
		this.#progressAt = performance.now();
		this.#calls.started(slice.id);
		if (this.#isStopping) this.#recall();
		this.#owner.onItems(outcomes.lengths.length, outcomes.runMs);
		slice.receive(outcomes);
	}

	#answer(payload: Buffer): void {
		const answer = readOutcome(payload);
		const call = this.#calls.take(answer.id);
		if (!call) {
			this.process.kill("exit"); // an outcome nobody asked for: the lane cannot be trusted
			return;
		}
		this.#progressAt = performance.now();
		if (call instanceof Slice) this.#isStopping = false;
		else this.#owner.onRun(answer.runMs / (this.#calls.batch?.size ?? 1));
		call.finish(outcomeOf(answer));
		if (this.state !== "busy") return;
		if (this.#calls.length === 0) this.#becomeIdle();
		else if (this.#calls.length === REFILL_AT) this.#owner.onFree(this);
	}

	#takeApart(): void {
		if (!this.#calls.batch) {
			this.process.kill("exit"); // there is none: the lane cannot be trusted
			return;
		}
		this.#giveApart(this.#calls.takeBatch());
		if (this.state === "busy") this.#becomeIdle();
	}

	/** Nobody knows for whose input the batch failed, or its worker died. */
	#giveApart(calls: Call[]): void {
		for (const call of calls) call.runsAlone = true;
		this.#giveBack(calls);
	}

	async #asked(payload: Buffer): Promise<void> {
		if (this.#calls.isGroup) this.#recall(); // a call that asks is not short
		const isLoading = this.state === "starting";
		const answer = await answerAsk(
			payload,
			this.#calls,
			isLoading,
			(ask, call) => this.#owner.onAsk(ask, call),
		);
		this.#connection?.send([answer]);
	}

	#becomeIdle(): void {
		this.state = "idle";
		this.#calls.batch = undefined;
		this.idleSince = performance.now();
		if (this.isRetired) this.end("ended");
		else this.#owner.onFree(this);
	}

	#giveBack(calls: Call[]): void {
		for (const call of calls) if (call instanceof Slice) call.returned();
		const waiting = calls.filter((call) => !call.isOver);
		if (waiting.length > 0) this.#owner.onReturned(waiting);
	}

	/** Everything the worker wrote has been read: tell those it leaves behind. */
	#over(ended: Ended): void {
		const neverReady = this.readyAt === 0;
		this.state = "gone";
		this.#leaveBehind(this.#calls.takeAll(), ended);
		const { failure, killCause = ended.cause } = this.#end;
		if (neverReady && (failure || ended.cause !== "ended"))
			this.#owner.onFailed(this, failure ?? errorOf(ended));
		this.#owner.onGone(this, killCause);
	}

	#leaveBehind(calls: Call[], ended: Ended): void {
		const { batch } = this.#calls;
		const blamed = blamedOf(calls, ended);
		if (batch && batch.size > 1 && blamed.length > 0) this.#giveApart(calls);
		else {
			this.#end.blame(blamed, ended, performance.now() - this.#progressAt);
			this.#giveBack(calls.slice(blamed.length));
		}
	}
}
