import type { AlgoError } from "../errors.ts";
import type { JobTable } from "../store/jobs.ts";

/** How a job is over; that it is completed the store has been told before. */
export type JobEnd =
	| { status: "completed" }
	| { status: "cancelled" }
	| { status: "failed"; error: AlgoError };

const CANCELLED = { status: "cancelled", error: null } as const;

/** Tells the store. A job that somebody has cancelled meanwhile is cancelled, whatever else has happened. */
export async function settle(
	jobs: JobTable,
	id: string,
	owner: string,
	end: JobEnd,
): Promise<void> {
	const settled =
		end.status === "failed"
			? ({ status: "failed", error: written(end.error) } as const)
			: CANCELLED;
	const at = new Date();
	if (!(await jobs.settle(id, owner, settled, at)))
		await jobs.settle(id, owner, CANCELLED, at);
}

function written({ message, errorType }: AlgoError): string {
	return JSON.stringify({
		message,
		...(errorType !== undefined && { error_type: errorType }),
	});
}
