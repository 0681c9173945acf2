import { open } from "node:fs/promises";
import { type JobView, UsageError } from "../../src/index.ts";
import type { Command, CommandLine } from "../command-line.ts";
import { formatOf } from "../job-format.ts";
import { parseRef } from "../ref.ts";
import { RunningServer, SERVER_OPTIONS } from "../running-server.ts";
import { watchJob } from "../watch-job.ts";

/** What each flag is called in a request. */
const NAMES = {
	format: "format",
	"csv-types": "csvTypes",
	output: "output",
	concurrency: "concurrency",
	"max-attempts": "maxAttempts",
	"max-errors": "maxErrors",
	timeout: "timeoutSeconds",
	label: "label",
};
const NUMBERS = ["concurrency", "max-attempts", "max-errors", "timeout"];
const DATA_URI = /^[a-z][\w+.-]*:\/\//i;

export const jobSubmit: Command = {
	summary:
		"Runs an algorithm over each item of a file, and prints the job's id",
	arguments: "OWNER/NAME[/VERSION] FILE",
	options: {
		format: {
			type: "string",
			value: "FORMAT",
			help: "how FILE is written: ndjson, csv, json (one array) or text (an item a line) (default: by its name, else ndjson)",
		},
		"csv-types": {
			type: "string",
			value: "text|infer",
			help: "the fields of a CSV are texts (default), or numbers and booleans where they look so",
		},
		output: {
			type: "string",
			value: "DATA-URI",
			help: "stores the outcomes under this data:// path too",
		},
		concurrency: {
			type: "string",
			value: "N",
			help: "items that run at the same time, at most",
		},
		"max-attempts": {
			type: "string",
			value: "N",
			help: "tries of one item (default 3)",
		},
		"max-errors": {
			type: "string",
			value: "N",
			help: "ends the job when more items than this have failed",
		},
		timeout: { type: "string", value: "SECONDS", help: "of one item" },
		label: { type: "string", value: "TEXT", help: "to know it by" },
		watch: {
			type: "boolean",
			help: "shows how it goes on, and ends when it does: exit 0 if it was completed",
		},
		...SERVER_OPTIONS,
	},
	settings: [],
	async run(line) {
		const [refText, file, ...rest] = line.positionals;
		if (refText === undefined || file === undefined || rest.length > 0)
			throw new UsageError(
				'job submit needs an algorithm and a file, a data:// path or "-" for stdin: applyd job submit OWNER/NAME[/VERSION] FILE',
			);
		parseRef(refText);
		const server = new RunningServer(line);
		const options = { algorithm: refText, ...optionsOf(line) };
		const job = DATA_URI.test(file)
			? await submit(server, { ...options, input: file })
			: await upload(server, options, file);
		process.stdout.write(`${job.id}\n`);
		return line.options.watch ? watchJob(server, job.id) : 0;
	},
};

type Options = Record<string, string | number>;

const submit = (server: RunningServer, options: Options): Promise<JobView> =>
	server.json("POST", "/v1/jobs", {
		headers: { "content-type": "application/json" },
		body: JSON.stringify(options),
	});

async function upload(
	server: RunningServer,
	options: Options,
	file: string,
): Promise<JobView> {
	const query = new URLSearchParams();
	if (options.format === undefined) query.set("format", formatOf(file));
	for (const [name, value] of Object.entries(options))
		query.set(name, String(value));
	await using source = file === "-" ? undefined : await open(file);
	if ((await source?.stat())?.isDirectory())
		throw new Error(`${file} is a folder, and no file`);
	return await server.json("POST", "/v1/jobs", {
		query,
		headers: { "content-type": "application/octet-stream" },
		body: source?.createReadStream() ?? process.stdin,
	});
}

/** What was said, with the names of a request; whether it is allowed is for the server to judge. */
function optionsOf({ options }: CommandLine): Record<string, string | number> {
	const said: Record<string, string | number> = {};
	for (const [flag, name] of Object.entries(NAMES)) {
		const text = options[flag] as string | undefined;
		if (text !== undefined)
			said[name] = NUMBERS.includes(flag) ? numberIn(text) : text;
	}
	return said;
}

const numberIn = (text: string): string | number =>
	text.trim() === "" || Number.isNaN(Number(text)) ? text : Number(text);
