import { type AlgoError, timedOut } from "../errors.ts";

/** Whatever can run out of time. */
interface Endable {
	/** On the clock of performance.now(). */
	readonly deadlineAt: number;
	end(error: AlgoError): void;
}

/**
 * Ends those whose time is up. The clock of the runners asks every few milliseconds; a timer for each
 * call would cost the short ones more than their own run.
 */
export function endOverdue(calls: readonly Endable[], now: number): void {
	const overdue = calls.filter((call) => call.deadlineAt <= now);
	for (const call of overdue) call.end(timedOut());
}
