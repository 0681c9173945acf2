/** What a listener does unless it says (interface §7, api-contract §10.1). */
export const DEFAULTS = {
	concurrency: 10,
	timeoutSeconds: 420,
	maxAttempts: 5,
	retryDelaySeconds: 5,
	busyDelaySeconds: 300,
} as const;
