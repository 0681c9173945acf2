import { exchangeFrame, Kind, readExchange } from "../protocol/frames.js";
import type { Answer, Ask } from "../protocol/messages.ts";
import type { Call } from "./call.ts";
import type { Answered, Asked } from "./lane-owner.ts";
import type { SentCalls } from "./sent-calls.ts";

const OVER: Answer = {
	error: { message: "the call that this context belongs to is over" },
};
const OF_SEVERAL: Answer = {
	error: {
		message:
			"applyBatch runs calls of several accounts here, and can act for none of them",
	},
};

/**
 * Has a question answered of code that runs in a worker, or loads there.
 * @param payload of an ASK frame
 * @param calls that the worker has
 * @param isLoading whether `load()` may run
 * @param onAsk answers for a call, or for `load()` if there is none
 * @returns an ANSWER frame
 */
export async function answerAsk(
	payload: Buffer,
	calls: SentCalls,
	isLoading: boolean,
	onAsk: (ask: Asked, call: Call | undefined) => Promise<Answered>,
): Promise<Uint8Array> {
	const ask = readExchange<Ask>(payload);
	const asking = calls.find(ask.call);
	const call = calls.batch && asking ? calls.batch.speaker : asking;
	const mayAsk = ask.call === 0 ? isLoading : call;
	const { head, body } = mayAsk
		? await onAsk(ask, call)
		: { head: asking ? OF_SEVERAL : OVER, body: Buffer.alloc(0) };
	return exchangeFrame(Kind.ANSWER, { id: ask.id, call: ask.call, head, body });
}
