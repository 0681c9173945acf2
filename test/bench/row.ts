/** One measured row of the table (design §6). */
export interface Row {
	name: string;
	what: string;
	/** What applyd did, in words with its unit. */
	ours: string;
	/** What it is measured against, in words with its unit; absent where the target is a plain number. */
	against?: string;
	/** The number that the target is about. */
	value: number;
	unit: "×" | "s" | "ms" | "messages/s";
	/** Absent for rows that are only shown. */
	target?: Target;
	/** Everything else that a reader of the JSON may want. */
	details: Record<string, unknown>;
}

export interface Target {
	atLeast?: number;
	atMost?: number;
}

/** How thoroughly to measure. */
export interface Effort {
	rounds: number;
	/** Of one contender in one round. */
	seconds: number;
	/** How often a single thing is done that takes about a second. */
	times: number;
}

export const isMet = ({ value, target }: Row): boolean | undefined =>
	target &&
	value >= (target.atLeast ?? Number.NEGATIVE_INFINITY) &&
	value <= (target.atMost ?? Number.POSITIVE_INFINITY);
