import type { Message } from "../message.ts";
import type { ListenerOptions } from "../options.ts";
import type { Attempts } from "./attempts.ts";
import { Breakdown } from "./breakdown.ts";
import { FailedBefore } from "./failed-before.ts";
import { InHand } from "./in-hand.ts";
import { Judge, type JudgeOptions } from "./judge.ts";
import { Lanes } from "./lanes.ts";
import { Room } from "./room.ts";
import type { Verdict } from "./verdict.ts";

/** Whether a version that is being loaded takes lists is looked at so often. */
const LOOK_MS = 50;
/** More messages are not run together. */
const MAX_LIST = 100;

export interface DispatchOptions extends JudgeOptions {
	rules: JudgeOptions["rules"] & Pick<ListenerOptions, "concurrency" | "ack">;
	attempts: Attempts;
}

/** Runs messages: so many at once, those of a group in order, and none that it has already. */
export class Dispatch {
	readonly room: Room;
	readonly #options: DispatchOptions;
	readonly #all = new Set<InHand>();
	readonly #byId = new Map<string, InHand>();
	readonly #lanes = new Lanes();
	/** Failed attempts of messages that are with their broker again, which may not count them. */
	readonly #failedBefore = new FailedBefore();
	#running = 0;
	#look: NodeJS.Timeout | undefined;
	readonly #breakdown: Breakdown;
	readonly #judging: Judge;
	#isStopping = false;
	#onEmpty: (() => void) | undefined;

	constructor(options: DispatchOptions) {
		const { rules, source, attempts } = options;
		this.#options = options;
		this.#judging = new Judge(options, {
			again: (inHand) => this.#again(inHand),
			pause: (inHand, delayMs) => this.#pause(inHand, delayMs),
			remove: (inHand, attempts) => this.#remove(inHand, attempts),
		});
		this.#breakdown = new Breakdown(options.trouble, () => this.#go());
		this.room = new Room(rules.concurrency, source.maxReceive, () => {
			if (this.#breakdown.isOn || !attempts.takesLists) return 1;
			return Math.min(source.maxReceive, MAX_LIST);
		});
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
		this.#breakdown.close();
		const idle = [...this.#all].filter(
			({ state }) => state === "waiting" || state === "pausing",
		);
		await Promise.all(idle.map((inHand) => this.#judging.giveBack(inHand)));
		if (this.#all.size === 0) return;
		await new Promise<void>((resolve) => {
			this.#onEmpty = resolve;
		});
	}

	#takeOne(message: Message): void {
		const { seen, onFault } = this.#options;
		const known = message.isRedelivered && this.#byId.get(message.id);
		if (known) {
			known.message = message;
			known.isLost = false;
			return;
		}
		// Another message under an id that was there before.
		if (!message.isRedelivered) seen.delete(message.id);
		const inHand = new InHand(message, this.#failedBefore.take(message));
		this.#all.add(inHand);
		this.#byId.set(message.id, inHand);
		this.room.add(inHand);
		if (message.isRedelivered && seen.has(message.id))
			this.#judging.known(inHand).catch(onFault);
		else this.#lanes.add(inHand);
		// It came while all was ending.
		if (this.#isStopping && inHand.state === "waiting")
			void this.#judging.giveBack(inHand);
	}

	/** Starts what may start. */
	#go(): void {
		if (this.#isStopping) return;
		const atOnce = this.#atOnce;
		const together = this.#together;
		while (this.#running < atOnce && this.#lanes.ready > 0)
			this.#run(this.#lanes.take(together)).catch(this.#options.onFault);
	}

	/** How many messages are run at once, as one call: a list, or what is short enough not to be a call of its own. */
	get #together(): number {
		const { attempts, source } = this.#options;
		const { listSize } = this.room;
		if (listSize > 1 || this.#breakdown.isOn) return listSize;
		return attempts.groupSize(Math.min(source.maxReceive, MAX_LIST));
	}

	/** How many calls may be open. */
	get #atOnce(): number {
		const { attempts, rules } = this.#options;
		if (attempts.takesLists !== undefined)
			return this.#breakdown.allows(rules.concurrency);
		// The first message finds out; it may run for long after that.
		if (this.#running > 0)
			this.#look ??= setTimeout(() => {
				this.#look = undefined;
				this.#go();
			}, LOOK_MS);
		return this.#breakdown.allows(1);
	}

	async #run(together: InHand[]): Promise<void> {
		const startedAt = performance.now();
		this.#running++;
		for (const inHand of together) inHand.state = "running";
		await this.#options.attempts.run(
			together.map((inHand) => ({
				message: inHand.message,
				onAccepted: (requestId) => this.#accepted(inHand, requestId),
				onVerdict: (verdict) => {
					this.#judge(inHand, verdict).catch(this.#options.onFault);
				},
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
		this.#judging.ack(inHand).catch(this.#options.onFault);
	}

	async #judge(inHand: InHand, verdict: Verdict): Promise<void> {
		if (verdict.kind === "broken") this.#breakdown.begin(verdict.reason);
		else this.#breakdown.end();
		this.room.isBroken = this.#breakdown.isOn;
		if (verdict.kind === "busy") this.room.closeFor(verdict.afterMs);
		await this.#judging.judge(inHand, verdict);
	}

	#pause(inHand: InHand, delayMs: number): void {
		inHand.state = "pausing";
		this.room.pause();
		inHand.timer = setTimeout(() => this.#again(inHand), delayMs);
	}

	#again(inHand: InHand): void {
		if (inHand.state === "pausing") this.room.resume();
		inHand.state = "waiting";
		this.#lanes.again(inHand);
		if (this.#isStopping) void this.#judging.giveBack(inHand);
		else this.#go();
	}

	#remove(inHand: InHand, attempts = 0): void {
		if (!this.#all.delete(inHand)) return;
		clearTimeout(inHand.timer);
		this.#judging.forget(inHand);
		this.#failedBefore.set(inHand.message, attempts);
		const { id } = inHand.message;
		if (this.#byId.get(id) === inHand) this.#byId.delete(id);
		this.#lanes.remove(inHand);
		this.room.remove(inHand);
		if (this.#all.size === 0) this.#onEmpty?.();
		if (inHand.message.group !== undefined) this.#go();
	}
}
