import type { Job } from "./house.ts";
import type { JobStatus, JobView } from "./job.ts";
import type { JobRun } from "./job-run.ts";

/** @param run the job's, if it is run by this server */
export function viewOf(job: Job, run: JobRun | undefined): JobView {
	const { row, options } = job;
	const isRunning = row.status === "running";
	const rate = isRunning && run ? Math.round(run.rate * 10) / 10 : 0;
	const paused = isRunning ? (run?.paused ?? row.paused) : null;
	const secondsLeft = isRunning ? secondsLeftOf(job, rate) : undefined;
	const path = `/v1/jobs/${row.id}`;
	return {
		id: row.id,
		algorithm: row.algorithm,
		status: row.status as JobStatus,
		...(options.label !== undefined && { label: options.label }),
		...(options.metadata !== undefined && { metadata: options.metadata }),
		format: job.format,
		items: {
			total: row.isCutThrough ? row.cutIndex : null,
			succeeded: row.succeeded,
			failed: row.failed,
			pending: row.cutIndex - row.succeeded - row.failed,
		},
		rate,
		...(secondsLeft !== undefined && { secondsLeft }),
		createdAt: row.createdAt,
		...(row.startedAt !== null && { startedAt: row.startedAt }),
		...(row.finishedAt !== null && { finishedAt: row.finishedAt }),
		...(row.error !== null && { error: JSON.parse(row.error) }),
		...(paused && { paused }),
		output: `${path}/output`,
		errors: `${path}/errors`,
	};
}

/** As if the items that have not been read yet were as long as those that have. */
function secondsLeftOf({ row }: Job, rate: number): number | undefined {
	if (rate === 0) return undefined;
	let total = row.cutIndex;
	if (!row.isCutThrough) {
		if (row.isGzip || row.cutByte === 0) return undefined;
		total *= row.inputBytes / row.cutByte;
	}
	return Math.ceil((total - row.succeeded - row.failed) / rate);
}
