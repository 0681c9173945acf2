import type { MessageEvent } from "../../events.ts";
import { errorLetter, type LetterError, resultLetter } from "../letter.ts";
import type { ListenerOptions } from "../options.ts";
import { Undeliverable } from "../sink.ts";
import { deadLetter } from "../sinks/dead-letter.ts";
import type { Source } from "../source.ts";
import type { InHand } from "./in-hand.ts";
import { GivenUp, type Insist } from "./insist.ts";
import type { Numbers } from "./numbers.ts";
import type { Seen } from "./seen.ts";
import type { Trouble } from "./trouble.ts";
import type { Verdict } from "./verdict.ts";

/** No message is back before it has left. */
const MIN_RETRY_MS = 1;
/** No wait between attempts is longer. */
const MAX_RETRY_MS = 3_600_000;

export interface JudgeOptions {
	rules: Pick<
		ListenerOptions,
		"maxAttempts" | "retryDelaySeconds" | "busyDelaySeconds"
	>;
	source: Source;
	/** Absent: results go nowhere. */
	results: Insist | undefined;
	/** Absent: what the broker does. */
	deadLetters: Insist | undefined;
	seen: Seen;
	numbers: Numbers;
	trouble: Trouble;
	/** Of the listener. */
	name: string;
	onMessage(event: MessageEvent): void;
	/** Told what goes wrong that no message is to blame for. */
	onFault(error: unknown): void;
}

/** Who has the messages in hand. */
export interface Hands {
	/** It may run again now. */
	again(inHand: InHand): void;
	/** It waits here, and may run again after a while. */
	pause(inHand: InHand, delayMs: number): void;
	/** It is gone. @param attempts that have failed, if the broker has it again */
	remove(inHand: InHand, attempts?: number): void;
}

/** Says what the outcome of an attempt means for its message, and does it. */
export class Judge {
	readonly #options: JudgeOptions;
	readonly #hands: Hands;
	/** Those that the broker did not take back. */
	readonly #refused = new Set<InHand>();

	constructor(options: JudgeOptions, hands: Hands) {
		this.#options = options;
		this.#hands = hands;
	}

	async judge(inHand: InHand, verdict: Verdict): Promise<void> {
		inHand.state = "settling";
		this.forget(inHand);
		switch (verdict.kind) {
			case "succeeded":
				return this.#succeeded(inHand, verdict.result);
			case "failed":
				return this.#failed(inHand, verdict.error, verdict.isFinal);
			case "busy":
				return this.#later(inHand, this.#options.rules.busyDelaySeconds * 1000);
			case "broken":
			case "unrun":
				return this.#hands.again(inHand);
			case "stopped":
				return this.giveBack(inHand);
		}
	}

	async #succeeded(inHand: InHand, result: Buffer): Promise<void> {
		const { results, seen, numbers } = this.#options;
		const { message } = inHand;
		try {
			await results?.put(resultLetter(message, result));
			seen.add(message.id);
			numbers.succeeded++;
			if (!inHand.isAcknowledged) await this.ack(inHand);
			this.#tell(inHand, "succeeded");
			this.#hands.remove(inHand);
		} catch (error) {
			if (error instanceof Undeliverable)
				return this.#dead(inHand, {
					message: `its result could not be delivered: ${error.message}`,
					error_type: "UndeliverableError",
				});
			await this.#unacknowledged(inHand, error);
		}
	}

	/** It was done before. */
	async known(inHand: InHand): Promise<void> {
		inHand.state = "settling";
		try {
			await this.ack(inHand);
			this.#tell(inHand, "known");
			this.#hands.remove(inHand);
		} catch (error) {
			await this.#unacknowledged(inHand, error);
		}
	}

	/** It may be done, and the broker does not know: it gives it again. If the reason is the broker's own, not at once. */
	async #unacknowledged(inHand: InHand, error: unknown): Promise<void> {
		if (error instanceof GivenUp) return this.giveBack(inHand);
		this.#tell(inHand, "returned", messageOf(error));
		this.#hands.remove(inHand);
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

	async #dead(inHand: InHand, error: LetterError): Promise<void> {
		const { seen, numbers, trouble, rules, results, onFault } = this.#options;
		const { message, attempts, isAcknowledged } = inHand;
		try {
			await this.#bury(inHand, error);
			trouble.release("dead letters");
		} catch (failure) {
			if (failure instanceof GivenUp) return this.giveBack(inHand);
			trouble.hold(
				"dead letters",
				`message ${message.id} failed ${attempts} times (${error.message}), and cannot be put away: ${messageOf(failure)}`,
			);
			if (!isAcknowledged)
				return this.#later(inHand, rules.busyDelaySeconds * 1000);
		}
		if (message.handedOn.replyTo !== undefined)
			await results?.answer(errorLetter(message, error)).catch(onFault);
		seen.add(message.id);
		numbers.dead++;
		this.#tell(inHand, "dead", error.message);
		this.#hands.remove(inHand);
	}

	/** @throws Error why there is no place for it; GivenUp */
	async #bury(inHand: InHand, error: LetterError): Promise<void> {
		const { deadLetters, source, seen, onFault } = this.#options;
		const { message, attempts, isAcknowledged, isLost } = inHand;
		if (deadLetters) {
			await deadLetters.put(deadLetter(message, attempts, error));
			seen.add(message.id);
			// If that fails it comes again, and is known.
			if (!isAcknowledged) await this.ack(inHand).catch(onFault);
		} else if (!isAcknowledged && !isLost) {
			if (!source.deadLetter)
				throw new Error(
					"there is no place for it; name one with deadLetters, or give the queue a redrive policy",
				);
			await source.deadLetter(message, attempts, error);
		}
	}

	async ack(inHand: InHand): Promise<void> {
		if (!inHand.isLost) await this.#options.source.ack(inHand.message);
	}

	/** It is tried again after a while: its broker keeps it meanwhile if it can, unless others must wait behind it here. */
	async #later(inHand: InHand, delayMs: number, isTold = false): Promise<void> {
		const { source } = this.#options;
		const { message } = inHand;
		if (!isTold) this.#tell(inHand, "returned");
		if (inHand.isLost) this.#hands.remove(inHand, inHand.attempts);
		else if (
			!source.retry ||
			message.group !== undefined ||
			!(await this.#handBack(inHand, delayMs))
		)
			this.#hands.pause(inHand, delayMs);
	}

	/** The broker gives it again after a while. @returns whether it does */
	async #handBack(inHand: InHand, delayMs: number): Promise<boolean> {
		const { source, trouble } = this.#options;
		const { message, attempts } = inHand;
		try {
			await source.retry?.(message, Math.max(delayMs, MIN_RETRY_MS), attempts);
		} catch (error) {
			if (inHand.isLost) return true;
			this.#refused.add(inHand);
			trouble.hold(
				"retries",
				`what is to be tried again cannot go back to the queue, and waits here: ${messageOf(error)}`,
			);
			return false;
		}
		this.#hands.remove(inHand, attempts);
		return true;
	}

	/** It runs, or is gone: it does not wait any more. */
	forget(inHand: InHand): void {
		if (this.#refused.delete(inHand) && this.#refused.size === 0)
			this.#options.trouble.release("retries");
	}

	/** The broker has it again, at once. */
	async giveBack(inHand: InHand): Promise<void> {
		const { source, onFault } = this.#options;
		const { message, attempts, isAcknowledged, isLost } = inHand;
		this.#tell(inHand, "returned");
		this.#hands.remove(inHand, attempts);
		if (isAcknowledged || isLost) return;
		// If it cannot be told, the broker finds out by itself.
		await source.retry?.(message, 0, attempts).catch(onFault);
	}

	#tell(
		{ message, requestId, attempts, cameAt }: InHand,
		outcome: MessageEvent["outcome"],
		error?: string,
	): void {
		const { name, onMessage } = this.#options;
		onMessage({
			listener: name,
			messageId: message.id,
			requestId,
			outcome,
			attempts,
			totalMs: performance.now() - cameAt,
			error,
		});
	}
}

const messageOf = (error: unknown): string =>
	error instanceof Error ? error.message : String(error);
