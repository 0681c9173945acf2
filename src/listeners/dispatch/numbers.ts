/** What a listener has done since the start (interface §9). */
export class Numbers {
	/** Messages. */
	succeeded = 0;
	/** Attempts. */
	failed = 0;
	/** Attempts that are followed by another one. */
	retried = 0;
	/** Messages. */
	dead = 0;
}
