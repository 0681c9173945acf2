import { aboutOneJob } from "../one-job.ts";
import { watchJob } from "../watch-job.ts";

export const jobWatch = aboutOneJob(
	"watch",
	"Shows how a job goes on, and ends when it does: exit 0 if it was completed",
	({ server, id }) => watchJob(server, id),
);
