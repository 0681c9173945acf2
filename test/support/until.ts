import { setTimeout as sleep } from "node:timers/promises";

/**
 * Waits for a condition, never for a time: the limit only ends a test that would hang.
 * @returns what the condition gave, as soon as that is neither false nor undefined
 */
export async function until<T>(
	what: string,
	condition: () => T | Promise<T>,
	limitMs = 20_000,
): Promise<Exclude<T, false | undefined | null>> {
	const end = performance.now() + limitMs;
	for (;;) {
		const value = await condition();
		if (value !== false && value !== undefined && value !== null)
			return value as Exclude<T, false | undefined | null>;
		if (performance.now() > end)
			throw new Error(`waited ${limitMs} ms in vain until ${what}`);
		await sleep(10);
	}
}
