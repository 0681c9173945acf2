import type { Answer } from "../protocol/messages.ts";

/** Why code is not answered that asks for something. */
export const OVER: Answer = {
	error: { message: "the call that this context belongs to is over" },
};
export const OF_SEVERAL: Answer = {
	error: {
		message:
			"applyBatch runs calls of several accounts here, and can act for none of them",
	},
};
