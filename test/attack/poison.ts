import { expect } from "vitest";
import type { ListAnswer } from "../server/routes/lists.ts";
import { failures, startsIn, times } from "../server/routes/lists.ts";
import type { TestServer } from "../support/app.ts";
import { freshPath } from "./support.ts";

/** Items whose outcomes are written together, and items whose outcomes are written one by one. */
export const PACES = [
	["serial", 0],
	["serial", 3],
	["parallel", 3],
] as const;

/** What a poison item does, and what it is answered with. */
export type Poison = [what: string, errorType: string];

export async function postList(
	server: TestServer,
	path: string,
	items: unknown[],
	signal?: AbortSignal,
): Promise<ListAnswer> {
	const response = await fetch(`${server.url}/v1/algo/${path}`, {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: JSON.stringify(items),
		...(signal && { signal }),
	});
	const body = (await response.json()) as ListAnswer;
	return { ...body, status: response.status };
}

/** How often each item has begun. */
export function countStarts(file: string, count: number): number[] {
	const counts = times(count, () => 0);
	for (const line of startsIn(file))
		counts[Number(line)] = (counts[Number(line)] ?? 0) + 1;
	return counts;
}

/**
 * Runs a list of good items with these among them: each costs itself only.
 * @param maxStarts how often an item may begin: once, unless a process goes that others share
 */
export async function runPoisoned(
	server: TestServer,
	path: string,
	poisons: Poison[],
	{ between = 7, maxStarts = 1 } = {},
): Promise<void> {
	const starts = await freshPath("starts");
	const fifo = await freshPath("fifo");
	const items = poisons.flatMap(([what]) => [
		...times(between, () => ({ do: "nothing" })),
		{ do: what, code: 3, fifo },
	]);
	items.push(...times(between, () => ({ do: "nothing" })));
	const list = items.map((item, id) => ({ ...item, starts, id }));
	const answer = await postList(server, path, list);
	expect(failures(answer)).toEqual(
		poisons.map(([, errorType], place) => [
			place * (between + 1) + between,
			errorType,
		]),
	);
	expect(answer.result).toEqual(
		items.map((item) => ("code" in item ? null : "fine")),
	);
	expect(answer.metadata.items).toEqual({
		total: items.length,
		succeeded: items.length - poisons.length,
		failed: poisons.length,
	});
	const counts = countStarts(starts, items.length);
	expect(Math.min(...counts)).toBe(1);
	expect(Math.max(...counts)).toBeLessThanOrEqual(maxStarts);
}
