import type { Job, JobHouse } from "./house.ts";
import type { Insistence } from "./insistence.ts";
import { outputOf } from "./output.ts";

/**
 * Copies the output if that was asked for, and tells the store that the job is completed.
 * @returns false if something is left to do, or the job was cancelled meanwhile
 * @throws AlgoError: the output cannot be put there
 */
export async function complete(
	job: Job,
	{ store, data }: JobHouse,
	owner: string,
	insistence: Insistence,
): Promise<boolean> {
	const { id, caller } = job;
	const { output } = job.options;
	if (!(await insistence.on(() => store.shards.areDone(id)))) return false;
	if (output !== undefined)
		await insistence.on(() =>
			data.put({ caller }, output, outputOf(job, store)),
		);
	const end = { status: "completed", error: null } as const;
	return insistence.on(() => store.jobs.settle(id, owner, end, new Date()));
}
