import { aboutOneJob } from "../one-job.ts";

export const jobDelete = aboutOneJob(
	"delete",
	"Removes a finished job with its files",
	async ({ server, id, path }) => {
		await server.ask("DELETE", path);
		process.stdout.write(`deleted ${id}\n`);
		return 0;
	},
);
