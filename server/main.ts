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
	if (first === "--help" || first === "-h" || first === "help") {
		process.stdout.write(await overview());
		return 0;
	}
	if (first === "--version" || first === "version") {
		const { version } = JSON.parse(await readFile(packageFile, "utf8"));
		process.stdout.write(`${version}\n`);
		return 0;
	}
	const hasName = args.length > 0 && !first.startsWith("-");
	const name = hasName ? first : "serve";
	const load = COMMANDS[name];
	if (!load)
		throw new UsageError(
			`unknown command ${name}; did you mean ${closest(name, Object.keys(COMMANDS))}? applyd --help lists all`,
		);
	const command = await load();
	const line = await parseCommandLine(command, hasName ? args.slice(1) : args);
	if (line === "help") {
		process.stdout.write(helpOf(name, command));
		return 0;
	}
	return command.run(line);
}

async function overview(): Promise<string> {
	const lines = [
		"applyd: a server for algorithms",
		"",
		"  applyd COMMAND [OPTIONS]",
		"",
	];
	for (const [name, load] of Object.entries(COMMANDS))
		lines.push(`  ${name.padEnd(8)} ${(await load()).summary}`);
	return [...lines, "", "applyd COMMAND --help says more.", ""].join("\n");
}
