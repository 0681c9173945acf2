import { Undeliverable } from "../sink.ts";
import type { Answer } from "./webhook-request.ts";

/** What an answer means for the letter. */
export type Verdict =
	| { kind: "taken" }
	/** The same request may do later. */
	| { kind: "again"; why: string; afterMs: number }
	| { kind: "refused"; error: Error };

/** The hook is there and says that this letter is wrong; any other refusal is about the hook. */
const ABOUT_THE_LETTER = [400, 413, 415, 422];
const TRANSIENT = [408, 425, 429];

export function verdictOf(host: string, answer: Answer, now: Date): Verdict {
	const { status, retryAfter, location, text } = answer;
	if (status >= 200 && status < 300) return { kind: "taken" };
	const why = `the webhook at ${host} answered ${status}${text && `: ${text}`}`;
	if (TRANSIENT.includes(status) || status >= 500)
		return { kind: "again", why, afterMs: waitOf(retryAfter, now) };
	if (ABOUT_THE_LETTER.includes(status))
		return { kind: "refused", error: new Undeliverable(why) };
	if (status < 400)
		return {
			kind: "refused",
			error: new Error(
				`the webhook at ${host} has moved${location && ` to ${location}`}, it answered ${status}; give its new url`,
			),
		};
	return {
		kind: "refused",
		error: new Error(`${why}; check its url and what it demands`),
	};
}

/** @param retryAfter seconds, or a date @returns 0 if it says nothing */
function waitOf(retryAfter: string, now: Date): number {
	if (/^\d+$/.test(retryAfter)) return Number(retryAfter) * 1000;
	const at = Date.parse(retryAfter);
	return Number.isNaN(at) ? 0 : Math.max(0, at - now.getTime());
}
