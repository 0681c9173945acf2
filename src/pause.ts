import { setTimeout as sleep } from "node:timers/promises";

/** Resolves when it aborts. */
export const aborted = (signal: AbortSignal): Promise<unknown> =>
	new Promise((resolve) => {
		if (signal.aborted) resolve(undefined);
		else signal.addEventListener("abort", resolve);
	});

/** Resolves after so long, or when the signal aborts. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
	sleep<void>(ms, undefined, { signal }).catch(() => {});
