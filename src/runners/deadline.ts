/** Whatever can run out of time. */
interface Bounded {
	/** On the clock of performance.now(). */
	readonly deadlineAt: number;
	overdue(): void;
}

/**
 * Ends those whose time is up. The clock of the runners asks every few milliseconds; a timer for each
 * call would cost the short ones more than their own run.
 */
export function endOverdue(calls: readonly Bounded[], now: number): void {
	const overdue = calls.filter((call) => call.deadlineAt <= now);
	for (const call of overdue) call.overdue();
}
