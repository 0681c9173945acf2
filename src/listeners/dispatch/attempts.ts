import type { Caller } from "../../accounts/caller.ts";
import type { Apply } from "../../apply/apply.ts";
import { newRequestId } from "../../apply/request-id.ts";
import type { Data } from "../../data/data.ts";
import { AlgoError } from "../../errors.ts";
import { partsCut } from "../../items/parts.ts";
import { InputKind, Want } from "../../protocol/frames.js";
import { Form } from "../../protocol/slice-frames.js";
import type { Ref } from "../../registry/ref.ts";
import type { Version } from "../../registry/version.ts";
import type { ItemOutcomes } from "../../runners/slice.ts";
import type { LetterError } from "../letter.ts";
import type { Message } from "../message.ts";
import { inputOf } from "./input.ts";
import { failed, type Verdict, verdictOf, verdictOfError } from "./verdict.ts";

export interface AttemptsOptions {
	algorithm: Ref;
	caller: Caller;
	timeoutMs: number;
	apply: Pick<
		Apply,
		"start" | "items" | "find" | "timeoutMs" | "takesLists" | "groupSize"
	>;
	data: Data;
	/** Takes in what has changed in the folders of algorithms. */
	refresh(): Promise<void>;
	maxInputBytes: number;
}

/** An attempt at one message, as it is told what becomes of it. */
export interface Attempt {
	message: Message;
	/** Its call has begun. */
	onAccepted(requestId: string): void;
	/** Once. */
	onVerdict(verdict: Verdict): void;
}

const NONE = Number.POSITIVE_INFINITY;

/** Has the listener's algorithm run on messages, alone or as a list. */
export class Attempts {
	readonly #options: AttemptsOptions;

	constructor(options: AttemptsOptions) {
		this.#options = options;
	}

	/** @returns why no message can be run now */
	async fault(): Promise<string | undefined> {
		const { algorithm, caller, apply, refresh } = this.#options;
		try {
			await refresh();
			return apply.find({ ...algorithm, caller }).fault?.message;
		} catch (error) {
			return (error as Error).message;
		}
	}

	/** Whether several messages are best run together; unknown before one has run. */
	get takesLists(): boolean | undefined {
		const version = this.#version;
		return version ? this.#options.apply.takesLists(version) : false;
	}

	/** How many messages may be run together where it takes no lists. */
	groupSize(max: number): number {
		const version = this.#version;
		return version ? this.#options.apply.groupSize(version, max) : 1;
	}

	/** Absent while it is missing. */
	get #version(): Version | undefined {
		const { algorithm, caller, apply } = this.#options;
		try {
			return apply.find({ ...algorithm, caller });
		} catch {
			return undefined;
		}
	}

	/** Resolves when all have their verdicts. Each message is one input, whatever is in it. */
	async run(attempts: readonly Attempt[]): Promise<void> {
		const { data, caller, maxInputBytes: maxBytes, refresh } = this.#options;
		// What was saved while messages were waited for counts; a folder that went while it was read is read again.
		await refresh().catch(() => {});
		const runnable: Attempt[] = [];
		const bodies: Buffer[] = [];
		for (const attempt of attempts) {
			try {
				const input = inputOf(attempt.message.body, {
					data,
					user: { caller },
					maxBytes,
				});
				bodies.push(Buffer.isBuffer(input) ? input : await input);
				runnable.push(attempt);
			} catch (error) {
				attempt.onVerdict(verdictOfAny(error));
			}
		}
		const [first] = runnable;
		if (runnable.length > 1) await this.#runList(runnable, bodies);
		else if (first) await this.#runOne(first, bodies[0] as Buffer);
	}

	#runOne(attempt: Attempt, body: Buffer): Promise<void> {
		const { algorithm, caller, timeoutMs, apply } = this.#options;
		const requestId = newRequestId();
		return new Promise((resolve) => {
			const judge = (verdict: Verdict) => {
				attempt.onVerdict(verdict);
				resolve();
			};
			try {
				apply.start(
					{
						...algorithm,
						caller,
						requestId,
						inputKind: InputKind.MESSAGE,
						wants: Want.BARE,
						body,
						timeoutMs,
					},
					(outcome) => judge(verdictOf(outcome)),
				);
				attempt.onAccepted(requestId);
			} catch (error) {
				judge(verdictOfAny(error));
			}
		});
	}

	#runList(attempts: readonly Attempt[], bodies: Buffer[]): Promise<void> {
		const { algorithm, caller, apply } = this.#options;
		const requestId = newRequestId();
		const waiting = new Set(attempts);
		let given = 0;
		return new Promise((resolve) => {
			const end = (error: unknown) => {
				const verdict = verdictOfAny(error);
				// What ended the list, such as item after item that ends its worker, is no failure of the others.
				const isTheirs =
					verdict.kind !== "failed" || waiting.size === attempts.length;
				for (const attempt of waiting)
					attempt.onVerdict(isTheirs ? verdict : { kind: "unrun" });
				resolve();
			};
			try {
				const version = apply.find({ ...algorithm, caller });
				const run = apply.items({
					...algorithm,
					caller,
					requestId,
					form: Form.PARTS,
					inputKind: InputKind.MESSAGE,
					flags: 0,
					isBackground: false,
					timeoutMs: NONE,
					itemTimeoutMs: apply.timeoutMs(this.#options.timeoutMs, version),
					next(maxItems, maxBytes) {
						const first = given;
						let bytes = 0;
						for (; given < bodies.length; given++) {
							bytes += (bodies[given] as Buffer).length;
							const taken = given - first;
							if (taken === maxItems || (taken > 0 && bytes > maxBytes)) break;
						}
						return given > first
							? partsCut(first, bodies.slice(first, given))
							: undefined;
					},
					isDone: () => given === bodies.length,
					onOutcomes(outcomes) {
						for (const [index, verdict] of verdictsIn(outcomes)) {
							const attempt = attempts[index] as Attempt;
							waiting.delete(attempt);
							attempt.onVerdict(verdict);
						}
					},
					onEnd: end,
				});
				for (const attempt of attempts) attempt.onAccepted(requestId);
				run.more();
			} catch (error) {
				end(error);
			}
		});
	}
}

/** With the index of the item that each is about. */
function* verdictsIn({
	firstIndex,
	lengths,
	text,
}: ItemOutcomes): Generator<[number, Verdict]> {
	let at = 0;
	for (const [i, length] of lengths.entries()) {
		const written = text.subarray(at, at + (length >>> 1));
		at += written.length;
		const verdict: Verdict =
			length & 1
				? failed(JSON.parse(written.toString()) as LetterError)
				: { kind: "succeeded", result: written.subarray(0, -1) }; // without its comma
		yield [firstIndex + i, verdict];
	}
}

function verdictOfAny(error: unknown): Verdict {
	return verdictOfError(
		error instanceof AlgoError
			? error
			: new AlgoError("INTERNAL", String(error), { cause: error }),
	);
}
