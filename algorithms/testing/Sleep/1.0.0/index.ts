import { setTimeout as sleep } from "node:timers/promises";

interface Context {
	signal: AbortSignal;
}

/** Sleeps that many seconds, or until nobody waits any more. */
export async function apply(
	seconds: number,
	{ signal }: Context,
): Promise<number> {
	await sleep(seconds * 1000, undefined, { signal });
	return seconds;
}
