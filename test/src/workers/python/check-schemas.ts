import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { compileSchema } from "../../../../src/workers/node/schema.js";

const HOME = resolve(import.meta.dirname, "../../../../src/workers/python");

export interface Case {
	/** A list: a schema, and values to be checked against it. */
	row: string;
	/** What the row is written in; Python has values that JSON has not. */
	language: "json" | "python";
	side: "input" | "output";
}

/** For each value what was thrown, as `ErrorType: message`, or null; one text for all if the schema is refused. */
export type Outcomes = (string | null)[] | string;

/** What the Python side says of each case. */
export function checkInPython(cases: Case[]): Outcomes[] {
	const { stdout, stderr, status, error } = spawnSync(
		"python3",
		[join(import.meta.dirname, "check_schemas.py"), HOME],
		{ input: JSON.stringify(cases), encoding: "utf8" },
	);
	if (error) throw error;
	if (status !== 0) throw new Error(stderr);
	return JSON.parse(stdout);
}

/** What the Node side says of a case in JSON. */
export async function checkInNode({ row, side }: Case): Promise<Outcomes> {
	const [schema, ...values] = JSON.parse(row);
	try {
		const check = await compileSchema(schema, side);
		return values.map((value: unknown) => {
			try {
				check(value);
				return null;
			} catch (error) {
				return said(error);
			}
		});
	} catch (error) {
		return said(error);
	}
}

function said(thrown: unknown) {
	const { error_type, message } = thrown as Error & { error_type?: string };
	return `${error_type}: ${message}`;
}
