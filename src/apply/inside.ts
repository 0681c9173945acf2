import type { Data } from "../data/data.ts";
import { AlgoError, inputTooLarge } from "../errors.ts";
import type { Events } from "../events.ts";
import type { AskAlgorithm } from "../protocol/messages.ts";
import { noRef, readRef } from "../registry/ref.ts";
import type { Registry } from "../registry/registry.ts";
import type { Answered, Asked } from "../runners/lane-owner.ts";
import type { Outcome } from "../runners/outcome.ts";
import type { Actor } from "./actor.ts";
import { answerData } from "./inside-data.ts";
import type { ApplyRequest } from "./request.ts";
import { newRequestId } from "./request-id.ts";

const NOTHING = Buffer.alloc(0);

export interface InsideOptions {
	registry: Registry;
	data: Data;
	events: Events;
	maxInputBytes: number;
	/** Starts a call; `onOutcome` is called once, unless this throws. */
	start(request: ApplyRequest, onOutcome: (outcome: Outcome) => void): void;
}

/** Answers what code inside an algorithm asks for over its lane. */
export class Inside {
	readonly #options: InsideOptions;

	constructor(options: InsideOptions) {
		this.#options = options;
	}

	/** Never rejects: what fails is the answer's error. */
	async answer(actor: Actor, { head, body }: Asked): Promise<Answered> {
		try {
			if (head.what === "algorithm")
				return await this.#callAlgorithm(actor, head, body);
			return await answerData(this.#options.data, actor, head, body);
		} catch (error) {
			return this.#refusal(error);
		}
	}

	/** @throws AlgoError those of a call, and what it failed with on our side */
	async #callAlgorithm(
		{ caller, call }: Actor,
		ask: AskAlgorithm,
		body: Buffer,
	): Promise<Answered> {
		const { registry, maxInputBytes, start } = this.#options;
		const named = readRef(ask.ref);
		if (!call) throw bad("load() may read data and call no algorithm");
		if (!named) throw bad(noRef(ask.ref));
		if (body.length > maxInputBytes)
			throw inputTooLarge(body.length, maxInputBytes);
		if (registry.isStale) await registry.refresh();
		const { inputKind, timeoutMs } = ask;
		const request: ApplyRequest = {
			...named,
			caller,
			parent: call,
			requestId: newRequestId(),
			inputKind,
			wants: 0,
			body,
			timeoutMs,
		};
		const outcome = await new Promise<Outcome>((resolve) => {
			start(request, resolve);
		});
		if (outcome.kind === "failed") throw outcome.error;
		if (outcome.kind === "refused") throw bad(outcome.reason);
		return { head: {}, body: outcome.body };
	}

	#refusal(error: unknown): Answered {
		const isKnown = error instanceof AlgoError;
		if (!isKnown) this.#options.events.emit("fault", { where: "data", error });
		const { message, errorType } = isKnown
			? error
			: new AlgoError("INTERNAL", "internal error");
		return {
			head: { error: { message, ...(errorType && { errorType }) } },
			body: NOTHING,
		};
	}
}

const bad = (message: string): AlgoError =>
	new AlgoError("BAD_REQUEST", message);
