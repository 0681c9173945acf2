import type { Message } from "../message.ts";

/** A message that a listener has and has not settled. */
export class InHand {
	/** Its newest delivery: that is the one to be answered for. */
	message: Message;
	/** How often it has failed. */
	attempts: number;
	/** `pausing`: for a while, before it is tried again here. */
	state: "waiting" | "running" | "settling" | "pausing" = "waiting";
	/** Its broker has taken it back: whoever gets it next answers for it. */
	isLost = false;
	/** It has been acknowledged before its outcome. */
	isAcknowledged = false;
	requestId: string | undefined;
	readonly cameAt = performance.now();
	timer: NodeJS.Timeout | undefined;

	constructor(message: Message, attempts: number) {
		this.message = message;
		this.attempts = attempts;
	}
}
