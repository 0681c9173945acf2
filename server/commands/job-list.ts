import { type JobView, UsageError } from "../../src/index.ts";
import type { Command } from "../command-line.ts";
import { RunningServer, SERVER_OPTIONS } from "../running-server.ts";
import { tableOf } from "../text-table.ts";

const FILTERS = ["status", "algorithm", "limit", "marker"];

export const jobList: Command = {
	summary: "Shows the caller's jobs, newest first",
	arguments: "",
	options: {
		status: {
			type: "string",
			value: "STATUS",
			help: "queued, running, cancelling, cancelled, completed or failed ones only",
		},
		algorithm: {
			type: "string",
			value: "REF",
			help: "those of OWNER/NAME or OWNER/NAME/VERSION only",
		},
		limit: {
			type: "string",
			value: "N",
			help: "at most this many (default 100, at most 1000)",
		},
		marker: {
			type: "string",
			value: "MARKER",
			help: "goes on from where another list ended",
		},
		...SERVER_OPTIONS,
	},
	settings: [],
	async run(line) {
		if (line.positionals.length > 0)
			throw new UsageError(
				`job list takes no argument, and got ${line.positionals.join(" ")}`,
			);
		const query = new URLSearchParams();
		for (const name of FILTERS) {
			const value = line.options[name];
			if (value !== undefined) query.set(name, String(value));
		}
		const server = new RunningServer(line);
		const { jobs, marker } = await server.json<{
			jobs: JobView[];
			marker?: string;
		}>("GET", "/v1/jobs", { query });
		process.stdout.write(tableOf(jobs.map(rowOf)));
		if (jobs.length === 0) process.stderr.write("there is no such job\n");
		if (marker !== undefined)
			process.stderr.write(`there are more: --marker ${marker}\n`);
		return 0;
	},
};

function rowOf({ id, algorithm, status, items, createdAt, label }: JobView) {
	const { total, succeeded, failed } = items;
	const done = `${succeeded + failed}/${total ?? "?"}`;
	const failures = failed > 0 ? `${failed} failed` : "-";
	return [id, status, done, failures, createdAt, algorithm, label ?? ""];
}
