import { Agent } from "node:http";
import { Agent as SecureAgent } from "node:https";
import { pause } from "../../pause.ts";
import type { Letter } from "../letter.ts";
import type { WebhookOptions } from "../options.ts";
import type { Sink } from "../sink.ts";
import { type Verdict, verdictOf } from "./webhook-answer.ts";
import { post } from "./webhook-request.ts";
import { signedHeaders } from "./webhook-signature.ts";

/** How long a hook is waited for. */
export interface Patience {
	answerMs: number;
	/** No try begins later than this after the first. */
	triesMs: number;
	/** Before the second try; each further wait is twice as long. */
	delayMs: number;
}

const PATIENCE: Patience = { answerMs: 30_000, triesMs: 10_000, delayMs: 500 };
const LONGEST_DELAY_MS = 16_000;
/** A hook may ask for a longer pause; it is asked again then. */
const LONGEST_PAUSE_MS = 3_600_000;
const MAX_CONNECTIONS = 16;

/** Posts letters to a hook, signed the Standard Webhooks way. The hook may get one more than once, by the same `webhook-id`. */
class Webhook implements Sink {
	readonly #url: URL;
	readonly #secret: string;
	readonly #patience: Patience;
	readonly #agent: Agent;
	readonly #closing = new AbortController();
	/** The hook has asked for a pause that lasts until then. */
	#pausedUntilMs = 0;

	constructor({ url, secret }: WebhookOptions, patience: Patience) {
		this.#url = new URL(url);
		this.#secret = secret;
		this.#patience = patience;
		const kind = this.#url.protocol === "https:" ? SecureAgent : Agent;
		this.#agent = new kind({ keepAlive: true, maxSockets: MAX_CONNECTIONS });
	}

	async put(letter: Letter): Promise<void> {
		const endMs = performance.now() + this.#patience.triesMs;
		let why = `the webhook at ${this.#url.host} has asked for a pause`;
		for (let tries = 0; ; tries++) {
			const waitMs = this.#waitMs(tries);
			if (performance.now() + waitMs > endMs)
				throw new Error(`${why}; given up for now after ${tries} tries`);
			await this.#sleep(waitMs);
			const verdict = await this.#try(letter);
			if (verdict.kind === "taken") return;
			if (verdict.kind === "refused") throw verdict.error;
			why = verdict.why;
			this.#pause(verdict.afterMs);
		}
	}

	async close(): Promise<void> {
		this.#closing.abort(
			new Error(`the webhook at ${this.#url.host} is closed`),
		);
		this.#agent.destroy();
	}

	async #try(letter: Letter): Promise<Verdict> {
		const { host } = this.#url;
		const { signal } = this.#closing;
		const { body } = letter;
		const now = new Date();
		try {
			const answer = await post({
				url: this.#url,
				headers: {
					...signedHeaders(this.#secret, letter, now),
					"content-type": "application/json",
					"content-length": String(body.length),
					"user-agent": "applyd",
				},
				body,
				agent: this.#agent,
				timeoutMs: this.#patience.answerMs,
				signal,
			});
			return verdictOf(host, answer, now);
		} catch (error) {
			signal.throwIfAborted();
			const { message, code } = error as NodeJS.ErrnoException;
			return {
				kind: "again",
				why: `the webhook at ${host} did not answer: ${message || code}`,
				afterMs: 0,
			};
		}
	}

	#waitMs(tries: number): number {
		const { delayMs } = this.#patience;
		const longMs = Math.min(delayMs * 2 ** (tries - 1), LONGEST_DELAY_MS);
		const ownMs = tries === 0 ? 0 : longMs * (1 + Math.random() / 4);
		return Math.max(ownMs, this.#pausedUntilMs - performance.now());
	}

	#pause(forMs: number): void {
		const untilMs = performance.now() + Math.min(forMs, LONGEST_PAUSE_MS);
		this.#pausedUntilMs = Math.max(this.#pausedUntilMs, untilMs);
	}

	async #sleep(ms: number): Promise<void> {
		const { signal } = this.#closing;
		if (ms > 0) await pause(ms, signal);
		signal.throwIfAborted();
	}
}

/** @param url http: or https: @param secret without a `secretFault` */
export const openWebhook = (
	options: WebhookOptions,
	patience: Patience = PATIENCE,
): Sink => new Webhook(options, patience);
