import type { MessageEvent } from "../events.ts";
import type { Attempts } from "./attempts.ts";
import { deadLetter } from "./dead-letter.ts";
import { FailedBefore } from "./failed-before.ts";
import { InHand } from "./in-hand.ts";
import { GivenUp, type Insist } from "./insist.ts";
import { Lanes } from "./lanes.ts";
import { type LetterError, resultLetter } from "./letter.ts";
import type { Message } from "./message.ts";
import type { Numbers } from "./numbers.ts";
import type { ListenerOptions } from "./options.ts";
import { Room } from "./room.ts";
import type { Seen } from "./seen.ts";
import { Undeliverable } from "./sink.ts";
import type { Source } from "./source.ts";
import type { Trouble } from "./trouble.ts";
import type { Verdict } from "./verdict.ts";

/** While the algorithm cannot be run, one message is tried after this, then after twice as long, */
const FIRST_BROKEN_MS = 500;
/** and at last after this. */
const MAX_BROKEN_MS = 15_000;
/** More messages are not run together. */
const MAX_LIST = 100;
/** No wait between attempts is longer. */
const MAX_RETRY_MS = 3_600_000;

export interface DispatchOptions {
	rules: Pick<
		ListenerOptions,
		| "concurrency"
		| "ack"
		| "maxAttempts"
		| "retryDelaySeconds"
		| "busyDelaySeconds"
	>;
	source: Source;
	attempts: Attempts;
	/** Absent: results go nowhere. */
	results: Insist | undefined;
	/** Absent: what the broker does. */
	deadLetters: Insist | undefined;
	seen: Seen;
	numbers: Numbers;
	trouble: Trouble;
	onMessage(event: Omit<MessageEvent, "listener">): void;
	/** Told what goes wrong that no message is to blame for. */
	onFault(error: unknown): void;
}

/** Decides what becomes of messages: runs them, and says what each outcome means for its message. */
export class Dispatch {
	readonly room: Room;
	readonly #options: DispatchOptions;
	readonly #all = new Set<InHand>();
	readonly #byId = new Map<string, InHand>();
	readonly #lanes = new Lanes();
	/** Failed attempts of messages that are with their broker again, which may not count them. */
	readonly #failedBefore = new FailedBefore();
	#running = 0;
	#brokenMs = 0;
	#brokenUntil = 0;
	#timer: NodeJS.Timeout | undefined;
	#isStopping = false;
	#onEmpty: (() => void) | undefined;

	constructor(options: DispatchOptions) {
		const { rules, source, attempts } = options;
		this.#options = options;
		this.room = new Room(rules.concurrency, source.maxReceive, () =>
			attempts.takesLists ? Math.min(source.maxReceive, MAX_LIST) : 1,
		);
	}

	/** Messages that have come and are not settled. */
	get inHand(): ReadonlySet<InHand> {
		return this.#all;
	}

	/** Messages that have just come. */
	take(messages: readonly Message[]): void {
		for (const message of messages) this.#takeOne(message);
		this.#go();
	}

	/** These are not ours any more. What runs goes on; what does not run yet is dropped. */
	lost(isLost: (message: Message) => boolean): void {
		for (const inHand of this.#all) {
			if (!isLost(inHand.message)) continue;
			inHand.isLost = true;
			if (inHand.state === "waiting" || inHand.state === "pausing")
				this.#remove(inHand);
		}
	}

	/** Starts nothing more. Resolves when what runs has ended, and what does not run has been given back. */
	async stop(): Promise<void> {
		this.#isStopping = true;
		clearTimeout(this.#timer);
		const idle = [...this.#all].filter(
			({ state }) => state === "waiting" || state === "pausing",
		);
		await Promise.all(idle.map((inHand) => this.#giveBack(inHand, 0)));
		if (this.#all.size === 0) return;
		await new Promise<void>((resolve) => {
			this.#onEmpty = resolve;
		});
	}

	#takeOne(message: Message): void {
		const { seen } = this.#options;
		const known = message.isRedelivered && this.#byId.get(message.id);
		if (known) {
			known.message = message;
			known.isLost = false;
			return;
		}
		const inHand = new InHand(message, this.#failedBefore.take(message));
		this.#all.add(inHand);
		this.#byId.set(message.id, inHand);
		this.room.add(inHand);
		if (message.isRedelivered && seen.has(message.id)) {
			inHand.state = "settling";
			void this.#finish(inHand, "known", () => this.#ack(inHand));
		} else this.#lanes.add(inHand);
	}

	/** Starts what may start. */
	#go(): void {
		if (this.#isStopping) return;
		const now = performance.now();
		const isBroken = this.#brokenMs > 0;
		if (isBroken && now < this.#brokenUntil) return;
		const { concurrency } = this.#options.rules;
		const atOnce = isBroken ? 1 : concurrency;
		const { listSize } = this.room;
		while (this.#running < atOnce && this.#lanes.ready > 0)
			void this.#run(this.#lanes.take(isBroken ? 1 : listSize));
	}

	async #run(together: InHand[]): Promise<void> {
		const startedAt = performance.now();
		this.#running++;
		for (const inHand of together) inHand.state = "running";
		await this.#options.attempts.run(
			together.map((inHand) => ({
				message: inHand.message,
				onAccepted: (requestId) => this.#accepted(inHand, requestId),
				onVerdict: (verdict) => void this.#judge(inHand, verdict),
			})),
		);
		this.#running--;
		this.room.took(performance.now() - startedAt);
		this.#go();
	}

	#accepted(inHand: InHand, requestId: string): void {
		inHand.requestId = requestId;
		if (this.#options.rules.ack !== "accepted" || inHand.isAcknowledged) return;
		inHand.isAcknowledged = true;
		this.#ack(inHand).catch(this.#options.onFault);
	}

	/** What the outcome means for the message. */
	async #judge(inHand: InHand, verdict: Verdict): Promise<void> {
		inHand.state = "settling";
		if (verdict.kind !== "broken") this.#mended();
		switch (verdict.kind) {
			case "succeeded":
				return this.#succeeded(inHand, verdict.result);
			case "failed":
				return this.#failed(inHand, verdict.error, verdict.isFinal);
			case "busy":
				this.room.closeFor(verdict.afterMs);
				return this.#later(inHand, this.#options.rules.busyDelaySeconds * 1000);
			case "broken":
				this.#broken(verdict.reason);
				return this.#again(inHand);
			case "unrun":
				return this.#again(inHand);
			case "stopped":
				return this.#giveBack(inHand, 0);
		}
	}

	#succeeded(inHand: InHand, result: Buffer): Promise<void> {
		const { results, seen } = this.#options;
		return this.#finish(inHand, "succeeded", async () => {
			const { message } = inHand;
			await results?.put(resultLetter(message, result));
			seen.add(message.id);
			this.#options.numbers.succeeded++;
			if (!inHand.isAcknowledged) await this.#ack(inHand);
		});
	}

	async #failed(
		inHand: InHand,
		error: LetterError,
		isFinal: boolean,
	): Promise<void> {
		const { rules, numbers } = this.#options;
		inHand.attempts++;
		numbers.failed++;
		const { attempts, isAcknowledged } = inHand;
		if (isFinal || isAcknowledged || attempts >= rules.maxAttempts)
			return this.#dead(inHand, error);
		numbers.retried++;
		this.#tell(inHand, "retried", error.message);
		const waitMs = rules.retryDelaySeconds * 1000 * 2 ** (attempts - 1);
		return this.#later(inHand, Math.min(waitMs, MAX_RETRY_MS), true);
	}

	#dead(inHand: InHand, error: LetterError): Promise<void> {
		const { deadLetters, source, numbers, seen, trouble } = this.#options;
		const { message, attempts, isAcknowledged } = inHand;
		if (!deadLetters && !source.deadLetter && !isAcknowledged) {
			trouble.hold(
				"dead letters",
				`${message.id} failed ${attempts} times, and there is no place for it: name one with deadLetters, or give the queue a redrive policy; it stays in the queue (${error.message})`,
			);
			return this.#later(inHand, this.#options.rules.busyDelaySeconds * 1000);
		}
		return this.#finish(
			inHand,
			"dead",
			async () => {
				if (deadLetters)
					await deadLetters.put(deadLetter(message, attempts, error));
				else if (!isAcknowledged && !inHand.isLost)
					await source.deadLetter?.(message, attempts, error);
				seen.add(message.id);
				numbers.dead++;
				if (deadLetters && !isAcknowledged) await this.#ack(inHand);
			},
			error.message,
		);
	}

	/** Does the last thing that is to be done about a message, and lets go of it. If that fails the broker gives it again. */
	async #finish(
		inHand: InHand,
		outcome: MessageEvent["outcome"],
		work: () => Promise<void>,
		reason?: string,
	): Promise<void> {
		try {
			await work();
			this.#tell(inHand, outcome, reason);
			this.#remove(inHand);
		} catch (error) {
			if (error instanceof Undeliverable && outcome === "succeeded")
				return this.#dead(inHand, {
					message: `its result could not be delivered: ${error.message}`,
					error_type: "UndeliverableError",
				});
			const isKnown = error instanceof GivenUp;
			this.#tell(inHand, "returned", isKnown ? undefined : messageOf(error));
			await this.#giveBack(inHand, 0, true);
		}
	}

	async #ack(inHand: InHand): Promise<void> {
		if (!inHand.isLost) await this.#options.source.ack(inHand.message);
	}

	/** It is tried again after a while: its broker keeps it meanwhile if it can, unless others must wait behind it here. */
	async #later(inHand: InHand, delayMs: number, isTold = false): Promise<void> {
		const { source } = this.#options;
		const { message } = inHand;
		if (!isTold) this.#tell(inHand, "returned");
		if (source.retry && message.group === undefined)
			return this.#giveBack(inHand, delayMs, true);
		inHand.state = "pausing";
		this.room.pause();
		inHand.timer = setTimeout(() => this.#again(inHand), delayMs);
	}

	#again(inHand: InHand): void {
		if (inHand.state === "pausing") this.room.resume();
		inHand.state = "waiting";
		this.#lanes.again(inHand);
		if (this.#isStopping) void this.#giveBack(inHand, 0);
		else this.#go();
	}

	/** The broker has it again. */
	async #giveBack(
		inHand: InHand,
		delayMs: number,
		isTold = false,
	): Promise<void> {
		const { source, onFault } = this.#options;
		const { message, attempts, isAcknowledged, isLost } = inHand;
		if (!isTold) this.#tell(inHand, "returned");
		this.#remove(inHand);
		if (isAcknowledged || isLost) return;
		this.#failedBefore.set(message, attempts);
		// If it cannot be told, the broker finds out by itself.
		await source.retry?.(message, delayMs, attempts).catch(onFault);
	}

	#remove(inHand: InHand): void {
		if (!this.#all.delete(inHand)) return;
		clearTimeout(inHand.timer);
		const { id } = inHand.message;
		if (this.#byId.get(id) === inHand) this.#byId.delete(id);
		this.#lanes.remove(inHand);
		this.room.remove(inHand);
		if (this.#all.size === 0) this.#onEmpty?.();
		if (inHand.message.group !== undefined) this.#go();
	}

	/** One message at a time is tried until one can be run. */
	#broken(reason: string): void {
		if (performance.now() < this.#brokenUntil) return; // of a list all are told
		this.#brokenMs = Math.min(
			Math.max(FIRST_BROKEN_MS, this.#brokenMs * 2),
			MAX_BROKEN_MS,
		);
		this.#brokenUntil = performance.now() + this.#brokenMs;
		this.#options.trouble.hold("algorithm", reason);
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => this.#go(), this.#brokenMs);
		this.room.isBroken = true;
	}

	#mended(): void {
		if (this.#brokenMs === 0) return;
		this.#brokenMs = 0;
		this.room.isBroken = false;
		this.#options.trouble.release("algorithm");
	}

	#tell(
		{ message, requestId, attempts, cameAt }: InHand,
		outcome: MessageEvent["outcome"],
		error?: string,
	): void {
		this.#options.onMessage({
			messageId: message.id,
			...(requestId !== undefined && { requestId }),
			outcome,
			attempts,
			totalMs: performance.now() - cameAt,
			...(error !== undefined && { error }),
		});
	}
}

const messageOf = (error: unknown): string =>
	error instanceof Error ? error.message : String(error);
