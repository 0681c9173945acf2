import { type ListenerView, UsageError } from "../../src/index.ts";
import type { Command } from "../command-line.ts";
import { RunningServer, SERVER_OPTIONS } from "../running-server.ts";

/** A command `applyd listener VERB NAME`. @param told what is printed of the answer */
const change = <T>(
	verb: string,
	summary: string,
	told: (answer: T, name: string) => string,
): Command => ({
	summary,
	arguments: "NAME",
	options: SERVER_OPTIONS,
	settings: [],
	async run(line) {
		const [name, ...rest] = line.positionals;
		if (name === undefined || rest.length > 0)
			throw new UsageError(
				`listener ${verb} needs one listener: applyd listener ${verb} NAME; applyd listener list shows them`,
			);
		const server = new RunningServer(line);
		const path = `/v1/listeners/${encodeURIComponent(name)}/${verb}`;
		const answer = await server.json<T>("POST", path);
		process.stdout.write(`${told(answer, name)}\n`);
		return 0;
	},
});

const statusOf = ({ name, status }: ListenerView): string =>
	`${name} ${status}`;

export const listenerPause = change(
	"pause",
	"Lets a listener take no more messages, not even after a restart; those that run end",
	statusOf,
);

export const listenerResume = change(
	"resume",
	"Lets a paused listener go on",
	statusOf,
);

export const listenerRedrive = change<{ redriven: number }>(
	"redrive",
	"Sends the dead letters of a listener back to its source",
	({ redriven }, name) => `${name} ${redriven} redriven`,
);
