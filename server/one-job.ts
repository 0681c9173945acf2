import { UsageError } from "../src/index.ts";
import type { Command, Option } from "./command-line.ts";
import { RunningServer, SERVER_OPTIONS } from "./running-server.ts";

/** What a command about one job is told. */
export interface OneJob {
	server: RunningServer;
	id: string;
	/** Its path on the server. */
	path: string;
	options: Record<string, unknown>;
}

/** A command `applyd job VERB ID`. @param run as `Command.run` */
export const aboutOneJob = (
	verb: string,
	summary: string,
	run: (job: OneJob) => Promise<number>,
	options: Record<string, Option> = {},
): Command => ({
	summary,
	arguments: "ID",
	options: { ...options, ...SERVER_OPTIONS },
	settings: [],
	async run(line) {
		const [id, ...rest] = line.positionals;
		if (id === undefined || rest.length > 0)
			throw new UsageError(
				`job ${verb} needs one job: applyd job ${verb} ID; applyd job list shows them`,
			);
		return run({
			server: new RunningServer(line),
			id,
			path: `/v1/jobs/${encodeURIComponent(id)}`,
			options: line.options,
		});
	},
});
