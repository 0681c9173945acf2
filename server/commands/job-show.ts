import { aboutOneJob } from "../one-job.ts";

export const jobShow = aboutOneJob(
	"show",
	"Prints what is known of a job, as JSON",
	async ({ server, path }) => {
		const job = await server.json("GET", path);
		process.stdout.write(`${JSON.stringify(job, null, 2)}\n`);
		return 0;
	},
);
