import { type ListenerView, UsageError } from "../../src/index.ts";
import type { Command } from "../command-line.ts";
import { RunningServer, SERVER_OPTIONS } from "../running-server.ts";
import { tableOf } from "../text-table.ts";

const HEAD = [
	"NAME",
	"STATUS",
	"IN FLIGHT",
	"SUCCEEDED",
	"FAILED",
	"DEAD",
	"LAG",
	"ALGORITHM",
	"ERROR",
];

export const listenerList: Command = {
	summary:
		"Shows the caller's listeners, and what each has done since the start",
	arguments: "",
	options: SERVER_OPTIONS,
	settings: [],
	async run(line) {
		if (line.positionals.length > 0)
			throw new UsageError(
				`listener list takes no argument, and got ${line.positionals.join(" ")}`,
			);
		const server = new RunningServer(line);
		const { listeners } = await server.json<{ listeners: ListenerView[] }>(
			"GET",
			"/v1/listeners",
		);
		if (listeners.length === 0) process.stderr.write("there is no listener\n");
		else process.stdout.write(tableOf([HEAD, ...listeners.map(rowOf)]));
		return 0;
	},
};

function rowOf({ name, status, algorithm, lag, error, ...view }: ListenerView) {
	const { inFlight, succeeded, failed, dead } = view;
	const counts = [inFlight, succeeded, failed, dead, lag ?? "?"].map(String);
	const reason = error?.replace(/\s+/g, " ") ?? "";
	return [name, status, ...counts, algorithm, reason];
}
