import type { JobView } from "../../src/index.ts";
import { aboutOneJob } from "../one-job.ts";

const change = (verb: string, summary: string) =>
	aboutOneJob(verb, summary, async ({ server, path }) => {
		const job = await server.json<JobView>("POST", `${path}/${verb}`);
		process.stdout.write(`${job.id} ${job.status}\n`);
		return 0;
	});

export const jobCancel = change("cancel", "Ends a job; what is done is kept");

export const jobResume = change(
	"resume",
	"Lets a cancelled or failed job go on where it stopped",
);

export const jobRetry = change(
	"retry",
	"Runs the failed items of a finished job again",
);
