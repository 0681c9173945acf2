import { readFileSync } from "node:fs";
import type { shareServer } from "../support.ts";

export interface ItemError {
	index: number;
	message: string;
	error_type: string;
}

/** What a list is answered with, or the call's error. */
export interface ListAnswer {
	status: number;
	result: unknown[];
	error: { message: string; error_type?: string; code?: number };
	metadata: {
		content_type: string;
		duration: number;
		items: { total: number; succeeded: number; failed: number };
		errors?: ItemError[];
		stdout?: string;
		alerts?: string[];
		timing?: { running: number; total: number };
	};
}

/** Calls of `lists/…` on a shared server. */
export const listCaller =
	(server: ReturnType<typeof shareServer>) =>
	async (path: string, items: unknown): Promise<ListAnswer> => {
		const body = typeof items === "string" ? items : JSON.stringify(items);
		const answer = await server.post(`/v1/algo/lists/${path}`, body);
		return { status: answer.status, ...answer.body };
	};

export const times = <T>(count: number, value: (i: number) => T): T[] =>
	Array.from({ length: count }, (_, i) => value(i));

/** The indices of the items that failed, with their error's type. */
export const failures = ({ metadata }: ListAnswer): [number, string][] =>
	(metadata.errors ?? []).map(({ index, error_type }) => [index, error_type]);

/** Which items have begun, in the file that they were told of. */
export function startsIn(file: string): string[] {
	try {
		return readFileSync(file, "utf8").split("\n").filter(Boolean);
	} catch {
		return [];
	}
}
