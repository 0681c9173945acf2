import { readFile } from "node:fs/promises";
import { closest } from "fastest-levenshtein";
import { UsageError } from "../src/index.ts";
import { type Command, helpOf, parseCommandLine } from "./command-line.ts";

/** Each command is loaded when it is asked for. */
const COMMANDS: Record<string, () => Promise<Command>> = {
	serve: async () => (await import("./commands/serve.ts")).serve,
	run: async () => (await import("./commands/run.ts")).run,
	check: async () => (await import("./commands/check.ts")).check,
	init: async () => (await import("./commands/init.ts")).init,
	install: async () => (await import("./commands/install.ts")).install,
	"key create": async () =>
		(await import("./commands/key-create.ts")).keyCreate,
	"key list": async () => (await import("./commands/key-list.ts")).keyList,
	"key revoke": async () =>
		(await import("./commands/key-revoke.ts")).keyRevoke,
	"job submit": async () =>
		(await import("./commands/job-submit.ts")).jobSubmit,
	"job list": async () => (await import("./commands/job-list.ts")).jobList,
	"job show": async () => (await import("./commands/job-show.ts")).jobShow,
	"job watch": async () => (await import("./commands/job-watch.ts")).jobWatch,
	"job cancel": async () =>
		(await import("./commands/job-change.ts")).jobCancel,
	"job resume": async () =>
		(await import("./commands/job-change.ts")).jobResume,
	"job retry": async () => (await import("./commands/job-change.ts")).jobRetry,
	"job output": async () => (await import("./commands/job-lines.ts")).jobOutput,
	"job errors": async () => (await import("./commands/job-lines.ts")).jobErrors,
	"job delete": async () =>
		(await import("./commands/job-delete.ts")).jobDelete,
	"listener list": async () =>
		(await import("./commands/listener-list.ts")).listenerList,
	"listener pause": async () =>
		(await import("./commands/listener-change.ts")).listenerPause,
	"listener resume": async () =>
		(await import("./commands/listener-change.ts")).listenerResume,
	"listener redrive": async () =>
		(await import("./commands/listener-change.ts")).listenerRedrive,
};

/**
 * The one entry: picks a command and sets the exit code, 0 for success, 1 for failure, 2 for wrong usage.
 * @param args without `node` and the script
 * @param packageFile the package.json of this package
 */
export async function main(args: string[], packageFile: URL): Promise<void> {
	try {
		process.exitCode = await runCommand(args, packageFile);
	} catch (error) {
		process.stderr.write(
			`applyd: ${error instanceof Error ? error.message : String(error)}\n`,
		);
		process.exitCode = error instanceof UsageError ? 2 : 1;
	}
}

async function runCommand(args: string[], packageFile: URL): Promise<number> {
	const [first = "serve"] = args;
	if (isHelp(first)) {
		process.stdout.write(await overview());
		return 0;
	}
	if (first === "--version" || first === "version") {
		const { version } = JSON.parse(await readFile(packageFile, "utf8"));
		process.stdout.write(`${version}\n`);
		return 0;
	}
	const hasName = args.length > 0 && !first.startsWith("-");
	const group = Object.entries(COMMANDS).filter(([name]) =>
		name.startsWith(`${first} `),
	);
	if (group.length > 0 && (args.length === 1 || isHelp(args[1]))) {
		process.stdout.write(await helpOfGroup(first, group));
		return 0;
	}
	const words = group.length > 0 ? 2 : 1;
	const name = hasName ? args.slice(0, words).join(" ") : "serve";
	const load = COMMANDS[name];
	if (!load) {
		const near = closest(
			name,
			(group.length > 0 ? group : Object.entries(COMMANDS)).map(
				([name]) => name,
			),
		);
		throw new UsageError(
			`unknown command ${name}; did you mean ${near}? applyd --help lists all`,
		);
	}
	const command = await load();
	const line = await parseCommandLine(command, args.slice(hasName ? words : 0));
	if (line === "help") {
		process.stdout.write(helpOf(name, command));
		return 0;
	}
	return command.run(line);
}

const isHelp = (word: string | undefined): boolean =>
	word === "--help" || word === "-h" || word === "help";

type Loaders = [name: string, load: () => Promise<Command>][];

/** Of commands of two words, what `applyd FIRST --help` says. */
async function helpOfGroup(first: string, commands: Loaders): Promise<string> {
	return [
		`applyd ${first} COMMAND [OPTIONS]`,
		"",
		...(await summariesOf(commands)),
		"",
		`applyd ${first} COMMAND --help says more.`,
		"",
	].join("\n");
}

async function overview(): Promise<string> {
	return [
		"applyd: a server for algorithms",
		"",
		"  applyd COMMAND [OPTIONS]",
		"",
		...(await summariesOf(Object.entries(COMMANDS))),
		"",
		"applyd COMMAND --help says more.",
		"",
	].join("\n");
}

async function summariesOf(commands: Loaders): Promise<string[]> {
	const width = Math.max(...commands.map(([name]) => name.length));
	const lines: string[] = [];
	for (const [name, load] of commands)
		lines.push(`  ${name.padEnd(width)}  ${(await load()).summary}`);
	return lines;
}
