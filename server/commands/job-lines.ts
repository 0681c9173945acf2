import { pipeline } from "node:stream/promises";
import { aboutOneJob, type OneJob } from "../one-job.ts";

export const jobOutput = aboutOneJob(
	"output",
	"Prints the outcomes so far, one a line in input order",
	(job) => print(job, "output"),
);

export const jobErrors = aboutOneJob(
	"errors",
	"Prints the items that failed so far, each with its error",
	(job) => print(job, job.options.inputs ? "errors?inputs=only" : "errors"),
	{
		inputs: {
			type: "boolean",
			help: "the bare inputs instead: a file that can be submitted again",
		},
	},
);

async function print({ server, path }: OneJob, what: string): Promise<number> {
	try {
		await pipeline(server.bytes(`${path}/${what}`), process.stdout);
	} catch (error) {
		// Whoever reads has had enough, as `head` does.
		if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw error;
	}
	return 0;
}
