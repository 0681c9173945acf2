import type { CallEvent } from "../events.ts";
import type { Version } from "../registry/version.ts";
import type { Call } from "../runners/call.ts";
import type { Outcome } from "../runners/outcome.ts";

/** What the log and the metrics hear of a call that is over. */
export function callEvent(
	version: Version,
	call: Call,
	outcome: Outcome,
): CallEvent {
	return {
		...identityOf(version, call),
		outcome: nameOf(outcome),
		runMs: outcome.kind === "refused" ? 0 : outcome.runMs,
		bytesIn: call.body.length,
		bytesOut:
			outcome.kind === "result" || outcome.kind === "error"
				? outcome.body.length
				: 0,
	};
}

export const identityOf = (version: Version, call: Call) => ({
	algorithm: version.ref,
	requestId: call.requestId,
	account: call.caller.account,
	parentId: call.parent?.requestId,
	totalMs: performance.now() - call.createdAt,
});

function nameOf(outcome: Outcome): string {
	if (outcome.kind === "result") return "ok";
	if (outcome.kind === "refused") return "BAD_REQUEST";
	if (outcome.kind === "error") return outcome.errorType;
	return outcome.error.errorType ?? outcome.error.code;
}
